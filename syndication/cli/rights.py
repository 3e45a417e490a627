"""An agreement as policies, for the software of the other party or of a lawyer."""

import click

from syndication.agreements.calendar import version_at
from syndication.agreements.keys import meant
from syndication.cli.desk import Office
from syndication.errors import NotFoundError
from syndication.feeds import odrl as policy
from syndication.identity import authority
from syndication.model.agreement import Agreement
from syndication.settings import Settings
from syndication.storage import agreements


def policies(agreement: Agreement, settings: Settings) -> str:
    """A list of ODRL 2.2 / RightsML 2.0 policies as JSON-LD: one for each grant and each other party. The same agreement, the same text."""
    return policy.written(policy.of_agreement(agreement, settings.agency, authority(settings.domain)), indent=2)


@click.command("odrl")
@click.argument("reference", metavar="AGREEMENT")
@click.option("--version", "number", type=click.IntRange(min=1), help="That version; without it, the one whose words hold now.")
@click.pass_obj
def odrl(office: Office, reference: str, number: int | None) -> None:
    """Print AGREEMENT as policies: ODRL 2.2 with the RightsML 2.0 profile, in JSON-LD."""
    with office.open() as house:
        with house.database.read() as tx:
            register = agreements.register(tx, house.settings.agency)
        dossier = register.dossier(reference)
        if dossier is None:
            known = [one.reference for one in register.dossiers]
            raise NotFoundError(f"there is no agreement '{reference}'{meant(reference, known)}")
        if number is None:
            found: Agreement | None = version_at(dossier, house.clock())
        else:
            found = next((one for one in dossier.versions if one.version == number), None)
        if found is None:
            there = ", ".join(str(one.version) for one in dossier.versions)
            raise NotFoundError(f"{reference} has no version {number}; it has {there}")
        click.echo(policies(found, house.settings))
