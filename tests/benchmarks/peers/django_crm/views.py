"""The views, and the URLs they stand at."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import status
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import domain
from .models import (
    Action,
    ActionCentreItem,
    Company,
    Contact,
    LifeEvent,
    Partner,
    Person,
    Profile,
    Suppression,
    pending_actions,
    shown_actions,
    shown_messages,
)
from .serializers import (
    ActionSerializer,
    EventSerializer,
    MessageSerializer,
    PartnerSerializer,
    ProfileSerializer,
    QuerySerializer,
    SummaryContactSerializer,
    SummaryEventSerializer,
)


def asked(request: Any) -> dict[str, Any]:
    query = QuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return query.validated_data  # type: ignore[no-any-return]


def page(rows: Any, limit: int | None) -> tuple[list[Any], str | None]:
    read = list(rows if limit is None else rows[: limit + 1])
    if limit is None or len(read) <= limit:
        return read, None
    last = read[limit - 1]
    return read[:limit], f"{last.created_at.isoformat()}|{last.id}"


@api_view(["POST"])
@authentication_classes([])
@permission_classes([])
def log_in(request: Any, user_id: int) -> Response:
    request._request.session["user"] = get_object_or_404(Person, pk=user_id).pk
    return Response(status=status.HTTP_204_NO_CONTENT)


class Profiles(APIView):
    def get(self, request: Any, contact_id: int) -> Response:
        profile = get_object_or_404(Profile.objects.select_related("contact"), contact_id=contact_id)
        numbers = {profile.phone_e164, profile.whatsapp_e164} - {None}
        live = Suppression.objects.filter(number__in=numbers, lifted_at=None).values_list("number", "created_at")
        profile.messaging_blocked = domain.messaging_blocked(profile, dict(live))
        return Response({"profile": ProfileSerializer(profile).data, "twilio_connected": False})


class Messages(APIView):
    def get(self, request: Any, contact_id: int) -> Response:
        contact = get_object_or_404(Contact, pk=contact_id)
        newest = shown_messages().filter(contact_id=contact.pk).order_by("-created_at", "-id")
        rows, cursor = page(newest, asked(request)["limit"])
        return Response({"messages": MessageSerializer(rows, many=True).data, "next_cursor": cursor})


class Actions(APIView):
    def get(self, request: Any) -> Response:
        query, user, actions = asked(request), request.user, shown_actions()
        if user.level == "manager":
            squad = Person.objects.filter(manager_id=user.pk).values_list("pk", flat=True)
            actions = actions.filter(assigned_to_user_id__in=[user.pk, *squad])
        elif user.level != "executive":
            actions = actions.filter(assigned_to_user_id=user.pk)
        if query["status"] is not None:
            actions = actions.filter(status=query["status"])
        newest = query["sort"] == "-created_at"
        actions = actions.order_by("-created_at", "-id") if newest else actions.order_by("due", "id")
        rows, cursor = page(actions, query["limit"] or domain.MOST)
        return Response({"actions": ActionSerializer(rows, many=True).data, "next_cursor": cursor})


class Summaries(APIView):
    def get(self, request: Any, company_id: int) -> Response:
        if not Company.objects.filter(pk=company_id).exists():
            raise Http404
        contacts = list(
            Contact.objects.filter(company_id=company_id)
            .select_related("profile")
            .order_by("last_name", "first_name", "id")
        )
        keys, today = [contact.pk for contact in contacts], domain.today()
        soon = Q(event_date__range=(today, today + domain.UPCOMING))
        concerned = Q(company_id=company_id) | Q(contact_id__in=keys)
        events = sorted(
            LifeEvent.objects.filter(concerned, Q(recurs_annually=True) | soon)
            .select_related("contact")
            .prefetch_related(Prefetch("actions", queryset=pending_actions(), to_attr="pending")),
            key=domain.by_occurrence,
        )
        first: dict[int, LifeEvent] = {}
        for event in events:
            if event.next_occurrence is not None:
                first.setdefault(event.contact_id, event)
        for contact in contacts:
            contact.next_event = first.get(contact.pk)
        pending = shown_actions().filter(concerned, status="pending").order_by("due", "id")
        partners = Partner.objects.filter(company_id=company_id).order_by("partner_company_name", "id")
        messages = shown_messages().filter(contact_id__in=keys).order_by("-created_at", "-id")[: domain.RECENT]
        return Response(
            {
                "contacts": SummaryContactSerializer(contacts, many=True).data,
                "events": SummaryEventSerializer(events, many=True).data,
                "actions": ActionSerializer(pending, many=True).data,
                "partners": PartnerSerializer(partners, many=True).data,
                "messages": MessageSerializer(messages, many=True).data,
            }
        )


class LifeEvents(APIView):
    def post(self, request: Any, contact_id: int) -> Response:
        contact = get_object_or_404(Contact, pk=contact_id)
        new = EventSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        values = {"recurs_annually": False, "auto_action_enabled": True, **new.validated_data}
        dated = ("event_type", "event_date", "recurs_annually", "auto_action_days_before")
        columns = domain.event_columns(*(values[name] for name in dated))
        with transaction.atomic():
            event = new.save(**columns, contact_id=contact.pk, created_by_user_id=request.user.pk)
            if event.auto_action_enabled:
                who = {"assigned_to_user_id": request.user.pk, "created_by_user_id": request.user.pk}
                columns = domain.action_columns(event, contact.first_name)
                action = Action.objects.create(**columns, contact_id=contact.pk, life_event=event, **who)
                same = {name: getattr(action, name) for name in ("title", "due_date", "due", "assigned_to_user_id")}
                ActionCentreItem.objects.create(action=action, **same)
        return Response({"event": new.data}, status=status.HTTP_201_CREATED)


urlpatterns = [
    path("login/<int:user_id>", log_in),
    path("contacts/<int:contact_id>/relationship", Profiles.as_view()),
    path("contacts/<int:contact_id>/messages", Messages.as_view()),
    path("relationship-actions", Actions.as_view()),
    path("clients/<int:company_id>/relationship-summary", Summaries.as_view()),
    path("contacts/<int:contact_id>/life-events", LifeEvents.as_view()),
]
