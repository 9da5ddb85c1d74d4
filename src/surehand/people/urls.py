from django.urls import path

from surehand.people import account_views, settings_views, views
from surehand.people.signing_in import link_views, own_views, provider_views
from surehand.people.signing_in import settings_views as sign_in_settings

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/passkey/", views.by_passkey, name="sign-in-passkey"),
    path("sign-in/second-step/", views.second_step, name="second-step"),
    path("sign-in/confirm/", views.confirm, name="confirm"),
    path("sign-in/provider/", provider_views.there, name="provider-sign-in"),
    path("sign-in/provider/back/", provider_views.back, name="provider-sign-in-back"),
    path("sign-in/link/<str:token>/", link_views.link, name="sign-in-link"),
    path("sign-in/forgotten/", link_views.forgotten, name="forgotten-password"),
    path("sign-in/mine/", own_views.overview, name="my-sign-in"),
    path("sign-in/mine/passkeys/", own_views.add_passkey, name="add-passkey"),
    path(
        "sign-in/mine/passkeys/<int:passkey>/remove/",
        own_views.remove_passkey,
        name="remove-passkey",
    ),
    path("sign-in/mine/app/", own_views.set_up_codes, name="set-up-codes"),
    path("sign-in/mine/app/remove/", own_views.remove_code_app, name="remove-code-app"),
    path("sign-in/mine/recovery-codes/", own_views.renew_codes, name="recovery-codes"),
    path("sign-in/mine/password/", own_views.password, name="change-password"),
    path("sign-in/mine/everywhere/", own_views.everywhere, name="sign-out-everywhere"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-in/demo/<int:person>/", views.demo_sign_in, name="demo-sign-in"),
    path("settings/", settings_views.overview, name="settings"),
    path("settings/services/<str:code>/", settings_views.go_live, name="settings-of-service"),
    path("settings/accounts/", account_views.accounts, name="settings-of-accounts"),
    path("settings/accounts/<str:pseudonym>/", account_views.account, name="settings-of-account"),
    path(
        "settings/accounts/links/<int:link>/end/", account_views.end, name="settings-of-account-end"
    ),
    path("settings/people/add/", settings_views.add, name="settings-of-new-person"),
    path("settings/people/<str:pseudonym>/", settings_views.access, name="settings-of-person"),
    path("settings/access/<int:entry>/end/", settings_views.end, name="settings-of-access-end"),
    path(
        "settings/people/<str:pseudonym>/sign-in/",
        settings_views.sign_in,
        name="settings-of-sign-in",
    ),
    path("settings/people/<str:pseudonym>/merge/", settings_views.merge, name="settings-of-merge"),
    path("settings/sign-in/", sign_in_settings.overview, name="settings-of-sign-ins"),
    path(
        "settings/people/<str:pseudonym>/sign-in/link/",
        sign_in_settings.link,
        name="settings-of-sign-in-link",
    ),
    path(
        "settings/people/<str:pseudonym>/sign-in/remove/",
        sign_in_settings.remove_factor,
        name="settings-of-factor-removal",
    ),
    path(
        "settings/people/<str:pseudonym>/sign-in/everywhere/",
        sign_in_settings.everywhere,
        name="settings-of-sign-out",
    ),
    path(
        "settings/people/<str:pseudonym>/sign-in/switch/",
        sign_in_settings.switch,
        name="settings-of-switch",
    ),
]
