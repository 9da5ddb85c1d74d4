"""The web application, for gunicorn. It does not start with settings that are not safe, nor without
what its pages are drawn with."""

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from surehand.cli.safety import unsafe_settings
from surehand.ui.jinja import icons

application = get_wsgi_application()
if unsafe := unsafe_settings():
    raise ImproperlyConfigured(" ".join(unsafe))
# Before the first visitor, not while they wait: everything is loaded, and what is missing is found.
icons()
_ = get_resolver().url_patterns
