"""Every change of a membership, one verb each (rules §4 to §7)."""
