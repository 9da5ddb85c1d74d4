"""Links to set a password, by mail where mail is set up (SUREHAND_MAIL)."""

from django.core.mail import send_mail
from django_tasks import task

from surehand.evidence import SYSTEM
from surehand.people.access import AccessRole, By, Grant
from surehand.people.models import SignIn
from surehand.people.signing_in.actions import make_link

# Surehand itself, asked by somebody who cannot sign in.
ASKED_BY_MAIL = By(
    person=None,
    pseudonym=SYSTEM.pseudonym,
    signed_in=SYSTEM.signed_in,
    grants=(Grant(AccessRole.ADMINISTRATOR, None),),
)

TEXT = """Hello {name},

with this link you set your password for Surehand. It works once, for seven days:

{address}

If you did not ask for it, you need not do anything; but tell your administrator.
"""


@task()
def send_link(email: str, address: str) -> None:
    """Mail a new link to whoever signs in with `email`, if anybody does. TOKEN in `address` is
    where the link's own part goes."""
    found = SignIn.objects.filter(email__iexact=email, is_active=True).first()
    if found is not None:
        token = make_link(by=ASKED_BY_MAIL, sign_in=found)
        mail_link(found, address.replace("TOKEN", token))


def mail_link(sign_in: SignIn, address: str) -> None:
    """Raises OSError when the mail server does not take it."""
    send_mail(
        "Set your password for Surehand",
        TEXT.format(name=sign_in.get_short_name(), address=address),
        None,
        [sign_in.email],
    )
