"""Every action that staff send to a case, and the function that knows it."""

from app.services import checking, handling, intake
from app.services.case import Handler
from models.status import Action

HANDLERS: dict[Action, Handler] = intake.HANDLERS | handling.HANDLERS | checking.HANDLERS
