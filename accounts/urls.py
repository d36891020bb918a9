"""Sign-in, sign-out, one's own account."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from accounts.views import profile, sign_in, tokens

urlpatterns = [
    path("", sign_in.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.enter_code, name="sign-in-code"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("language/", login_not_required(set_language), name="language"),
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", tokens.tokens, name="tokens"),
    path("profile/tokens/<str:token_id>/delete/", tokens.delete, name="token-delete"),
]
