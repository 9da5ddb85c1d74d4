"""Every table of the product, by its kind of row (R1)."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from surehand.evidence import guards
from surehand.evidence.keeping import Kept, Personal
from surehand.evidence.kinds import LEDGER, Copy, Fact, Kind, Words, kind_of

# Text that may stand in a fact: the provider's own wording, and nothing about a person.
WORDING = {
    "competency.PlanVersion.document",
    "ecm.ProfileVersion.document",
    "practice.ScenarioVersion.document",
    "practice.SpotQuestionVersion.document",
    "practice.OwnSpotQuestion.document",
    "records.WordsVersion.document",
    "competency.Check.title",
    "competency.Check.short",
}
# Longer than a code: room for a sentence.
A_CODE = 80


# Which kind each model is: a new one is decided here first.
KINDS: dict[Kind, str] = {
    Kind.FACT: """
        evidence.Entry evidence.Checkpoint
        people.Service people.GoLive people.Team people.Person people.Merge people.Post
        people.PostTerms people.AccessGrant people.AccessEnd
        ecm.ProfileVersion
        competency.Competency competency.Check competency.PlanVersion competency.Requirement
        support.SupportAction support.SupportDone support.Permission support.PermissionEnd
        support.Question support.QuestionWording support.Answer support.Confidence
        support.Course support.Attendance
        practice.ScenarioVersion practice.ScenarioWithdrawal practice.ScenarioReturn
        practice.Attempt practice.AttemptEnd practice.AttemptStep
        practice.SpotQuestionVersion practice.SpotCheck practice.SpotCheckVoid practice.AttemptVoid
        practice.OwnSpotQuestion practice.SpotQuestionRetirement practice.SpotQuestionReturn
        practice.PracticeSession practice.PracticeSessionEnd
        assessment.CheckRequest assessment.Assessment assessment.AssessmentVoid
        assessment.ManagerReview assessment.Reopening
        readiness.SignOff readiness.Restriction readiness.Lifting readiness.Override
        readiness.OverrideEnd readiness.BreakGlass readiness.BreakGlassAgreed readiness.CarrySheet
        readiness.NoLiveUse readiness.NoLiveUseEnd
        api.ApiToken api.ApiTokenEnd
        people.EcmAccount people.EcmAccountLink people.EcmAccountLinkEnd
        records.SignalAnswer records.SignalReply records.WordsVersion
        audits.Audit audits.AuditItem audits.RecordCheck audits.RecordCheckVoid audits.Gap
        audits.Escalation audits.EscalationTaken audits.FindingReply audits.Cause audits.GapCause
        audits.ChangeRequest audits.ChangeRequestStep audits.Refresher audits.RefresherGiven
    """,
    Kind.COPY: """
        support.SupportWords support.AttendanceDetails practice.StepWords
        practice.AttemptReference practice.PracticeWords
        assessment.AssessmentWords assessment.AssessmentFile
        readiness.ReadinessWords readiness.Shift imports.RowCommitment
        records.Subject records.LiveRecord records.RecordText records.RaisedAlert
        records.KeptAside records.Screened records.Signal records.RecordSeen records.RecordsWords
        audits.SelectionFrame audits.AuditWords
    """,
    Kind.SPAN: """
        evidence.Head evidence.Subject evidence.Correction evidence.Subtree
        readiness.ReadinessSpan readiness.CompetencySpan readiness.PlanProjection
    """,
    Kind.DRAFT: """
        competency.PlanDraft imports.PendingImport imports.PendingPart imports.RefusedRows
        people.SignInTries
        assessment.GroupAssessment assessment.GroupPerson assessment.GroupAnswer
        practice.Playing practice.ScenarioDraft api.Receipt audits.OpenRecord
        audits.RiskMail
    """,
    Kind.SETTING: """
        people.Provider people.ServiceDetails people.TeamDetails people.Identity people.SignIn
        people.EcmAccountDetails records.KnownWord audits.FindingRead
        imports.ImportRun
        governance.KeptFor governance.Erasure governance.Recipient governance.Mailing
        people.Passkey people.CodeApp people.RecoveryCode people.SignInLink people.KnownDevice
        imports.ImportRun imports.ColumnMapping support.AnswerRead support.CourseName
        api.ApiTokenDetails
    """,
}


def ours() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("surehand.")
    ]


def facts() -> list[type[models.Model]]:
    return [model for model in ours() if kind_of(model) is Kind.FACT]


def named(model: type[models.Model]) -> str:
    return model._meta.label


def test_r1_every_model_is_listed_by_its_kind() -> None:
    found: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    for model in ours():
        found[kind_of(model)].add(model._meta.label)
    listed = {kind: set(labels.split()) for kind, labels in KINDS.items()}
    assert found == listed, "Say in KINDS which kind of row a new model is, and why it is that."


@pytest.mark.parametrize("model", ours(), ids=named)
def test_r1_every_model_is_of_just_one_kind(model: type[models.Model]) -> None:
    bases = [base for base in model.__mro__ if base.__dict__.get("kind") in list(Kind)]
    said = {base.__dict__["kind"] for base in bases}
    assert said == ({kind_of(model)} if model._meta.label not in LEDGER else set())


@pytest.mark.parametrize("model", facts(), ids=named)
def test_r1_a_fact_is_guarded_and_falls_with_nothing_else(model: type[models.Model]) -> None:
    assert model._meta.db_table in guards.guarded_tables()
    for field in model._meta.concrete_fields:
        if field.remote_field:
            assert field.remote_field.on_delete is models.PROTECT, field.name  # type: ignore[attr-defined]
            assert issubclass(field.remote_field.model, Fact), "a fact stands on facts alone"


@pytest.mark.parametrize("model", facts(), ids=named)
def test_r1_a_fact_holds_no_names_and_no_free_text(model: type[models.Model]) -> None:
    roomy = {f"{model._meta.label}.{field.name}" for field in _text(model)}
    assert roomy <= WORDING


def _text(model: type[models.Model]) -> Iterator[models.Field]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.EmailField | models.TextField) or (
            isinstance(field, models.CharField) and not field.choices and _roomy(field)
        ):
            yield field


def _roomy(field: models.CharField) -> bool:
    return (field.max_length or 0) > A_CODE or field.name in {"title", "short", "name"}


def test_r1_what_is_no_fact_says_how_a_person_is_found_in_it() -> None:
    """So that an erasure reaches every table, and each is kept for a time somebody chose."""
    silent = [
        model._meta.label
        for model in ours()
        if kind_of(model) in {Kind.COPY, Kind.DRAFT, Kind.SETTING}
        and not isinstance(getattr(model, "personal", None), Personal | str)
    ]
    assert silent == [], "Say in `personal` how to find a person's rows, or why there are none."
    for_ever = [
        model._meta.label
        for model in ours()
        if kind_of(model) in {Kind.COPY, Kind.DRAFT}
        and not isinstance(getattr(model, "kept", None), Kept | tuple | str)
    ]
    assert for_ever == [], "Say in `kept` how long it is kept and why."


def test_r1_words_can_be_erased_without_touching_a_fact() -> None:
    """No fact points at words or any other copy, and words at no fact: only at their entry."""
    for model in ours():
        if issubclass(model, Words):
            assert not [field for field in model._meta.concrete_fields if field.remote_field]
        pointed = [f.remote_field.model for f in model._meta.concrete_fields if f.remote_field]
        assert not (issubclass(model, Fact) and any(issubclass(to, Copy) for to in pointed))
