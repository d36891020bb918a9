"""Korean dates where Django's own read unlike Korean."""

DATETIME_FORMAT = "Y년 n월 j일 A g:i"  # 오전, 오후 stand before the hour
