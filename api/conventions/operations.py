"""Endpoints: one wrapper makes the checks of every one of them, in the order of api.md.

401 → 404 → 406 → 415 → 413 → 403 → version header → body → references in it → stale version →
rules. An endpoint says how its thing is *found* (and who may do it), which body it takes, and
which service does it; the last three checks are the service's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, Signature
from typing import Any, Protocol, get_type_hints

import re
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from api.conventions import fields as fields_of
from api.conventions import negotiation
from api.conventions.answers import Answer
from api.conventions.calls import Call, call_of
from api.conventions.documents import Document
from api.conventions.errors import error_body
from api.conventions.idempotency import answer_once, stated_key
from api.conventions.include import INCLUDE, include_depth, included
from api.conventions.lists import Listing, page_body, read_query, single_values
from api.conventions.patching import apply_patch, read_patch
from api.conventions.reading import read_body, read_json
from api.conventions.refusals import BadPatch, PatchTestFailed
from api.conventions.selection import SELECT, selection
from api.conventions.shapes import Shape, Shaper, register
from api.conventions.versions import stated_version
from common.errors import DomainError, InvalidParameter, NotFound, NotPermitted, StaleVersion
