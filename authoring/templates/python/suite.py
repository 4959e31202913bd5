"""What SUITE_NAME proves. `host build` makes a component of it, `host run plugins/SUITE_NAME.wasm` runs it.

The two cases look at the service `example` of `assay.toml`. Put your own system there, and your own cases here.
"""

from assay import case, check, check_eq, cleanup, context, http, setup, suite

suite("SUITE_NAME", "What is made can be read, and is gone once it is deleted")


@setup
def service() -> str:
    """Where the service is. Runs once; what it returns is handed to every case."""
    return context.service_url("example")


@case(tags=("smoke",), timeout=10, needs=("example",))
async def the_service_says_its_version(shared: str) -> None:
    """The service answers, and says which version it is"""
    response = await http.get(f"{shared}/version").send()
    version = str(response.expect_status(200).at("version"))
    check(version.startswith("2."), f"the version is one that this suite knows: {version}")


@case(timeout=10, needs=("example",))
async def what_is_made_can_be_read_until_it_is_deleted(shared: str) -> None:
    """What is made can be read as it was made, and nothing is left of it once it is deleted"""
    # A name of its own, so that cases that run side by side do not meet.
    name = f"made-by-{context.identity().entry}"
    one = f"{shared}/proxies/{name}"
    wanted = {"name": name, "upstream": "127.0.0.1:9", "enabled": True}

    made = (await http.post(f"{shared}/proxies").json(wanted).send()).expect_status(201)
    # Runs at the end of the case, also when a check ends it early.
    deletion = cleanup(http.delete(one).send())
    check_eq(made.at("name"), name, "the answer is what was asked for")

    read = (await http.get(one).send()).expect_status(200)
    check_eq(read.at("upstream"), "127.0.0.1:9", "it is read as it was made")

    await deletion.now()
    gone = await http.get(one).send()
    check_eq(gone.status, 404, "nothing is left of it")
