"""The web application, for gunicorn. It does not start with settings that are not safe."""

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from surehand.cli.safety import unsafe_settings

application = get_wsgi_application()
if unsafe := unsafe_settings():
    raise ImproperlyConfigured(" ".join(unsafe))
