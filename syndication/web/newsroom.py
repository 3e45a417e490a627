"""Our stories, as the desk shows them: where each was published and why not elsewhere, who has fetched it, and the kill."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from syndication.errors import NotFoundError
from syndication.intake.desk import Newsroom
from syndication.model.story import Pubstatus, Story
from syndication.storage import ledger, media, partners, publications, stories
from syndication.storage.database import Transaction
from syndication.web.catalog import gettext
from syndication.web.desk import destinations
from syndication.web.login import seated
from syndication.web.parts import Parts, parts

newsroom = Blueprint("newsroom", __name__)

NEWEST = 100


@newsroom.get("/stories")
def listed() -> ResponseReturnValue:
    """The newest stories: our own, and those accepted from partners."""
    with parts().database.read() as tx:
        newest = stories.recent(tx, NEWEST)
        names = {one.id: one.name for one in partners.all(tx)}
    return render_template("stories.html", stories=newest, names=names)


@newsroom.get("/stories/<story>")
def story_page(story: str) -> ResponseReturnValue:
    """One story: for each partner, whether it gets it, and why; its versions; who has fetched it."""
    here = parts()
    with here.database.read() as tx:
        return _page(tx, here, _found(tx, story), "story.html")


@newsroom.get("/stories/<story>/kill")
def ask_to_kill(story: str) -> ResponseReturnValue:
    """A kill asks twice, and shows who has it already."""
    here = parts()
    with here.database.read() as tx:
        found = _found(tx, story)
        if found.current.pubstatus is Pubstatus.CANCELED:
            return redirect(url_for("newsroom.story_page", story=found.id), 303)
        return _page(tx, here, found, "kill.html")


@newsroom.post("/stories/<story>/kill")
def kill(story: str) -> ResponseReturnValue:
    """Kill the story, for good. It needs a note for those who got it, and the box that says it is meant."""
    here = parts()
    note = request.form.get("note", "").strip()
    if not note or request.form.get("meant") != "yes":
        with here.database.read() as tx:
            fault = gettext("Say why, for those who got it, and tick the box: a kill is final.")
            return _page(tx, here, _found(tx, story), "kill.html", fault=fault, note=note), 422
    killed = Newsroom(here.database, here.settings).kill(story, note, seated().login, here.clock())
    flash(gettext("Killed. Every partner that got it is told in its feed."))
    return redirect(url_for("newsroom.story_page", story=killed.id), 303)


def _found(tx: Transaction, identity: str) -> Story:
    found = stories.get(tx, identity)
    if found is None:
        raise NotFoundError(f"there is no story {identity}")
    return found


def _page(tx: Transaction, here: Parts, story: Story, template: str, **more: object) -> str:
    names = {one.id: one.name for one in partners.all(tx)}
    return render_template(
        template,
        story=story,
        names=names,
        destinations=destinations(tx, story, names, here.settings.agency, here.clock()),
        versions=stories.versions(tx, story.id),
        publications=publications.of_story(tx, story.id),
        fetches=publications.fetches(tx, story.id),
        uses=ledger.uses(tx, story.id),
        errands={one.place: one for one in media.of_version(tx, story.id, story.current.number)},
        **more,
    )
