"""The provider's services, people and posts, and who may do what in Surehand.

Facts carry no names: a person's name, reference and email live in `Identity`, which can be erased
while every fact about the person stays provable.
"""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from surehand.evidence.keeping import Kept, Personal
from surehand.evidence.kinds import Draft, Fact, Setting
from surehand.people.access import AccessRole


class CareSetting(models.TextChoices):
    RESIDENTIAL = "R", "residential care"
    NURSING = "N", "nursing care"
    HOME = "H", "home care"
    SUPPORTED = "S", "supported living"


class Employment(models.TextChoices):
    PERMANENT = "permanent", "permanent"
    BANK = "bank", "bank"
    AGENCY = "agency", "agency"


class Provider(Setting):
    """The one organisation this installation serves."""

    personal = "It names an organisation."

    name = models.CharField(max_length=120)
    # Ask a second factor of everybody, not only of those whose access role calls for it.
    second_factor_for_all = models.BooleanField(default=False)


class Service(Fact):
    """One registered location. `code` is the provider's own id for it."""

    code = models.CharField(max_length=50, unique=True)
    setting = models.CharField(max_length=1, choices=CareSetting)

    def __str__(self) -> str:
        return self.details.name


class ServiceDetails(Setting):
    personal = "It names a place."

    service = models.OneToOneField(Service, models.CASCADE, related_name="details")
    name = models.CharField(max_length=120)
    cqc_location_id = models.CharField(max_length=20, blank=True)


class GoLive(Fact):
    """The date a service goes live, as known since this entry; the latest entry holds."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="go_lives")
    on = models.DateField(null=True)


class Team(Fact):
    service = models.ForeignKey(Service, models.PROTECT, related_name="teams")
    code = models.CharField(max_length=50)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "code"], name="team_once")]


class TeamDetails(Setting):
    personal = "It names a team."

    team = models.OneToOneField(Team, models.CASCADE, related_name="details")
    name = models.CharField(max_length=120)


class Person(Fact):
    """Somebody who works for the provider, known to the ledger by a pseudonym alone."""

    pseudonym = models.CharField(max_length=32, unique=True)

    def __str__(self) -> str:
        identity = getattr(self, "identity", None)
        return identity.name if identity else f"Erased person {self.pseudonym[:6]}"

    @property
    def first_name(self) -> str:
        """How they are spoken to; whoever was erased has no name but the one above."""
        identity = getattr(self, "identity", None)
        return identity.name.split(" ", 1)[0] if identity else str(self)


class Identity(Setting):
    """Who a pseudonym is. Erasing this row is erasing the person's identity."""

    personal = Personal(
        "Name, own id and email address",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )

    person = models.OneToOneField(Person, models.CASCADE, related_name="identity")
    reference = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)


class Merge(Fact):
    """Two records turned out to be one human: judged as one from here on (R14)."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="merged")
    into = models.ForeignKey(Person, models.PROTECT, related_name="+")


class Post(Fact):
    """A person holding a job role in a service from a date, as permanent, bank or agency.

    What may change while the post lasts (team, responsibilities, end) is in `PostTerms`.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    service = models.ForeignKey(Service, models.PROTECT, related_name="posts")
    job_role = models.CharField(max_length=2)
    employment = models.CharField(max_length=9, choices=Employment)
    start_date = models.DateField()


class PostTerms(Fact):
    """The terms of a post from a date on, as known since this entry; the latest entry holds.

    `end_date` is inclusive; one before the start date says that the post never was.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="terms")
    from_date = models.DateField()
    end_date = models.DateField(null=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    responsibilities = models.CharField(max_length=60, blank=True)

    def responsibility_codes(self) -> tuple[str, ...]:
        return tuple(self.responsibilities.split(";")) if self.responsibilities else ()


class EcmAccount(Fact):
    """A sign-in of the live ECM system (R17). Whose it was is in its links; one without a link at a
    time is unknown then, and nobody guesses."""

    pseudonym = models.CharField(max_length=32, unique=True)


class EcmAccountDetails(Setting):
    """What an account is called in the ECM system, which is often somebody's name.

    An account that was somebody else's too, or shared, is not called after one of them.
    """

    personal = Personal(
        "What their accounts in the ECM system are called",
        find=lambda model, whom: model._default_manager.filter(
            account__in=EcmAccountLink.objects.filter(person__in=whom.people).values("account")
        ).exclude(
            account__in=EcmAccountLink.objects.exclude(person__in=whom.people).values("account")
        ),
    )

    account = models.OneToOneField(EcmAccount, models.CASCADE, related_name="details")
    reference = models.CharField(max_length=80, unique=True)


class EcmAccountLink(Fact):
    """An account is a person's, or (`person` empty) is shared, from a London date on."""

    account = models.ForeignKey(EcmAccount, models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="ecm_accounts")
    from_date = models.DateField()

    @property
    def is_shared(self) -> bool:
        return self.person_id is None


class EcmAccountLinkEnd(Fact):
    """The last day of a link; one before its first day says that it never was. The last one said
    holds."""

    link = models.ForeignKey(EcmAccountLink, models.PROTECT, related_name="ends")
    to_date = models.DateField()


class AccessGrant(Fact):
    """An access role given to a person, for one service or (service empty) the whole provider."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in AccessRole])
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    until = models.DateField(null=True)


class AccessEnd(Fact):
    grant = models.OneToOneField(AccessGrant, models.PROTECT, related_name="end")


class SignIns(BaseUserManager["SignIn"]):
    def get_by_natural_key(self, username: str | None) -> "SignIn":
        return self.get(email__iexact=username)


class SignIn(AbstractBaseUser, Setting):
    """How a person signs in.

    A session lasts only while what it was begun with holds: a new password, a new `epoch` and
    switching the sign-in off end every session of the person at its next request.
    """

    personal = Personal(
        "Sign-in",
        find=lambda model, whom: model._default_manager.filter(person__in=whom.people),
    )

    person = models.OneToOneField(Person, models.CASCADE, related_name="sign_in")
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    epoch = models.PositiveIntegerField(default=0)
    # What the identity provider calls them, where it is not the email address that says who.
    provider_id = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001

    USERNAME_FIELD = "email"
    objects = SignIns()

    def get_short_name(self) -> str:
        return self.person.first_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        holds = f"{self.password} {self.epoch} {self.is_active}"
        made = salted_hmac("surehand.sign_in.session", holds, secret=secret, algorithm="sha256")
        return str(made.hexdigest())


class Passkey(Setting):
    """A passkey: the public half of a key that never leaves the person's device."""

    personal = "It belongs to a sign-in, and goes with it."

    sign_in = models.ForeignKey(SignIn, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url
    credential = models.BinaryField()
    uses = models.BigIntegerField(default=0)  # the device's own count; synced passkeys say 0
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Passkey “{self.name}”"


class CodeApp(Setting):
    """An authenticator app that shows a new code every 30 seconds (RFC 6238).

    `sealed` is the shared secret, encrypted with a key from outside the database; `last_step` is
    the time step of the last code taken, so that no code is taken twice.
    """

    personal = "It belongs to a sign-in, and goes with it."

    sign_in = models.OneToOneField(SignIn, models.CASCADE, related_name="code_app")
    sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "Authenticator app"


class RecoveryCode(Setting):
    """A code on paper that stands in for a lost device, once. Only its digest is kept."""

    personal = "It belongs to a sign-in, and goes with it."

    sign_in = models.ForeignKey(SignIn, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)


class SignInLink(Setting):
    """A link with which somebody sets their password, once. Only the digest of it is kept."""

    personal = "It belongs to a sign-in, and goes with it."

    sign_in = models.ForeignKey(SignIn, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class KnownDevice(Setting):
    """A browser in which this person has signed in before, by the digest of its cookie."""

    personal = "It belongs to a sign-in, and goes with it."

    sign_in = models.ForeignKey(SignIn, models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sign_in", "digest"], name="device_once")]


class SignInTries(Draft):
    """Failed tries under one key: an account, one of its known devices, or an address.

    The key is a digest, so that no email address and no network address stands here.
    """

    personal = "It knows accounts and addresses by digest alone."
    kept = Kept(
        "Failed tries to sign in",
        "So that guessing a password takes too long.",
        days=7,
        least=1,
        most=90,
        older=lambda model, moment: model._default_manager.filter(last_at__lte=moment),
        evidenced=False,
    )

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
