"""Signing in: passwords, passkeys, authenticator codes, an identity provider, and who needs what.

`session` says how somebody is signed in, `gate` what that lets them do, `step_up` when to ask
again; `attempts` slows guessing down; `actions` is the only writer.
"""
