"""Surehand proves that care staff can use an electronic care management system safely."""
