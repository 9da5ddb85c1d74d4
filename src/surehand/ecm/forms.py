"""Writing the next version of an ECM profile: its document, from a file or typed."""

import re
from typing import Any

from django import forms

from surehand.ecm.profile import Profile, ProfileProblem, load

NOTHING = "Choose the file with the profile, or write it here"
LARGEST = 1024 * 1024  # bytes; a shipped profile has 13 thousand


class ProfileForm(forms.Form):
    """A profile document. What a file holds is put into the text, so that it can be mended there
    and is not lost with its problems. `profile` is what it says, once the form is valid."""

    file = forms.FileField(
        label="Profile document (YAML)",
        help_text="It takes the place of what stands below.",
        required=False,
        error_messages={"empty": "This file is empty. Choose the file with the profile"},
    )
    text = forms.CharField(
        label="The document",
        help_text="Change what differs in your system, and raise the version. "
        "Lines that begin with # are notes.",
        strip=False,
        error_messages={"required": NOTHING},
        widget=forms.Textarea(
            attrs={"rows": 30, "spellcheck": "false", "autocomplete": "off", "data-code": ""}
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    profile: Profile

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (file := cleaned.get("file")) is not None:
            self.errors.pop("text", None)
            self._take(file)
        if self.errors:
            return cleaned
        cleaned["text"] = self.data["text"].replace("\r\n", "\n")
        if not cleaned["text"].strip():
            self.add_error("text", NOTHING)
            return cleaned
        try:
            self.profile = load(cleaned["text"])
        except ProfileProblem as problem:
            for sentence in problem.problems:
                self.add_error("text", sentence)
        return cleaned

    def wrong_lines(self) -> str:
        """The lines of the text that its problems name, each with its number."""
        lines = self.data.get("text", "").splitlines()
        said = " ".join(str(error) for error in self.errors.get("text", []))
        numbers = sorted({int(number) for number in re.findall(r"\bLine (\d+):", said)})
        return "\n".join(f"{n:>4}  {lines[n - 1]}" for n in numbers if n <= len(lines))

    def _take(self, file: Any) -> None:
        """Put the file into the text, so that it can be mended there."""
        if file.size > LARGEST:
            self.add_error("file", "This file is too large for a profile: at most 1 MB.")
            return
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(
                "file", "This file is not text in UTF-8. Save the profile as a plain text file."
            )
            return
        self.data = {name: self.data[name] for name in self.data} | {"text": text}
