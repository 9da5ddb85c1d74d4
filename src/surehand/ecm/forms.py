"""Writing the next version of an ECM profile: its document, from a file or typed."""

from typing import Any

from django import forms

from surehand.ecm.profile import Profile, ProfileProblem, load

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
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    profile: Profile

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and not self._take(file):
            return cleaned
        text = self.data["text"] if file is not None else cleaned.get("text", "")
        text = text.replace("\r\n", "\n")
        cleaned["text"] = text
        if "file" in self.errors:
            return cleaned
        if not text.strip():
            self.add_error("text", "Choose the file with the profile, or write it here")
            return cleaned
        try:
            self.profile = load(text)
        except ProfileProblem as problem:
            for sentence in problem.problems:
                self.add_error("text", sentence)
        return cleaned

    def _take(self, file: Any) -> bool:
        """Put the file into the text; False where it cannot be."""
        if file.size > LARGEST:
            self.add_error("file", "This file is too large for a profile: at most 1 MB.")
            return False
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error(
                "file", "This file is not text in UTF-8. Save the profile as a plain text file."
            )
            return False
        self.data = {name: self.data[name] for name in self.data} | {"text": text}
        return True
