"""Reports of `make preview` and `make up` before Pulumi is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.producer import package
from tests.pipeline.conftest import compiled_layer

if TYPE_CHECKING:
    from tests.pipeline.conftest import Project


def test_a_machine_with_everything_is_told_so(project: Project):
    ended = project.run("preflight", "dev")
    assert (ended.code, ended.out, ended.err) == (0, "dev can be deployed from here\n", "")
    outputs = ["pulumi", "stack", "output", "--json", "--stack", "dev"]
    assert project.tools.calls("pulumi") == [["pulumi", "version"], outputs]


def test_all_faults_are_reported_together_each_with_its_remedy(project: Project):
    """One fault in each run would need five runs. Nothing is previewed on the way."""
    project.tools.pulumi(version="v3.226.0")
    project.tools.remove("gh")
    project.profiles({"thumbx-dev-storage": "999999999999"})
    layer = compiled_layer()
    built = project.folder / layer
    plain = built.with_name(package.layer_path("x86_64").name)
    aside = built.rename(built.with_name("x86_64-000000000000.zip"))
    try:
        ended = project.run("drift", "dev", "--repository", "octo-org/pictures")
    finally:
        aside.rename(built)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        (
            "pulumi is v3.226.0, which is older than 3.226.1 and does not tell changes from "
            "failures by its exit code; install a newer one (pulumi.com/docs/install)"
        ),
        (
            "gh is not on the PATH; install GitHub's CLI (cli.github.com); GitHub's own runners "
            "have it"
        ),
        (
            f"the function's layer {layer} is stale: only x86_64-000000000000.zip, {plain.name}, "
            "made otherwise, is there for thumbx:function.architecture x86_64; run "
            "`make stack-layer`"
        ),
        (
            "thumbx:producer.profile is 'thumbx-dev-producer', which is not in ~/.aws/config; run "
            "`aws configure sso --profile thumbx-dev-producer`, or name one that is there"
        ),
        (
            "profile 'thumbx-dev-storage' is of account 999999999999, but thumbx:storage.account "
            "is '222222222222'; correct one of the two"
        ),
    ]
    assert project.tools.calls("pulumi", "preview") == []


def test_a_missing_cli_a_missing_layer_and_an_expired_session_are_sentences(project: Project):
    project.tools.remove("pulumi")
    project.profiles({"thumbx-dev-producer": "EXPIRED", "thumbx-dev-storage": "222222222222"})
    layers = (project.folder / compiled_layer()).parent
    aside = layers.rename(project.folder / "build" / "elsewhere")
    try:
        ended = project.run("up", "dev")
    finally:
        aside.rename(layers)
    first, second, third = ended.err.splitlines()
    assert first == (
        "pulumi is not on the PATH; install the Pulumi CLI (pulumi.com/docs/install) and start a "
        "new shell"
    )
    assert (
        "is missing: nothing is there for thumbx:function.architecture x86_64; "
        "run `make stack-layer" in second
    )
    assert third.startswith("profile 'thumbx-dev-producer' of the producer side cannot call AWS: ")
    assert third.endswith("is expired; run `aws sso login --profile thumbx-dev-producer`")


def test_a_policy_pack_without_its_environment_is_seen_before_it_is_started(project: Project):
    """Otherwise the engine waits for it for ever, and ignores SIGTERM."""
    environment = project.folder / ".venv"
    aside = environment.rename(environment.with_name("elsewhere"))
    try:
        ended = project.run("preview", "dev")
    finally:
        aside.rename(environment)
    assert ended.code == 2
    assert ended.err == (
        "pulumi-policy is not installed in .venv, from which the policy pack runs, and a preview "
        "without it hangs; run `pulumi install`, or `make layer`, which installs too\n"
    )
    assert project.tools.calls("pulumi", "preview") == []


DEPLOYED = {
    "queue_url": "https://sqs.eu-central-1.amazonaws.com/111111111111/ThumbX-uploads-0a1b2c3",
    "thumbx_role_arn": "arn:aws:iam::222222222222:role/ThumbXRole-0a1b2c3",
}


def test_what_is_deployed_where_the_settings_say_passes(project: Project):
    project.tools.pulumi(outputs=DEPLOYED)
    assert project.run("preflight", "dev").code == 0


def test_region_and_accounts_are_fixed_once_deployed(project: Project):
    """Another region replaces 74 resources; another account fails half-way through the update."""
    queue = DEPLOYED["queue_url"].replace("111111111111", "555555555555")
    project.tools.pulumi(
        outputs={
            "queue_url": queue.replace("eu-central-1", "us-west-2"),
            "thumbx_role_arn": DEPLOYED["thumbx_role_arn"].replace("222222222222", "666666666666"),
        }
    )
    ended = project.run("up", "dev")
    assert ended.code == 2
    for key, wanted, there in (
        ("region", "eu-central-1", "us-west-2"),
        ("producer.account", "111111111111", "555555555555"),
        ("storage.account", "222222222222", "666666666666"),
    ):
        assert (
            f"thumbx:{key} is '{wanted}', but stack dev is deployed in '{there}', and what is "
            "deployed cannot move: set it back, or deploy a stack of its own beside this one "
            "(docs/deploy.md, Another region or account)\n"
        ) in ended.err
    assert project.tools.calls("pulumi", "up") == []


def test_the_bucket_is_fixed_once_deployed(project: Project):
    """Our bucket would have to be deleted for the other one, and its pictures would be lost."""
    project.tools.pulumi(outputs=DEPLOYED | {"bucket": "theirs"})
    ended = project.run("up", "dev")
    assert "thumbx:storage.bucket is '', but stack dev is deployed in 'theirs'" in ended.err
    project.tools.pulumi(outputs=DEPLOYED | {"bucket": "thumbx-images-0a1b2c3"})
    assert project.run("preflight", "dev").code == 0
    stack_file = project.folder / "Pulumi.dev.yaml"
    before = stack_file.read_text()
    stack_file.write_text(
        before.replace("thumbx:storage:\n", "thumbx:storage:\n    bucket: theirs\n")
    )
    try:
        ended = project.run("up", "dev")
    finally:
        stack_file.write_text(before)
    assert "storage.bucket is 'theirs', but stack dev is deployed in 'thumbx-images-0a" in ended.err
    assert project.tools.calls("pulumi", "up") == []


def test_a_key_does_not_go_in_one_step(project: Project):
    """Pulumi would say how to lift the protection, but not that pictures still need the key."""
    project.tools.pulumi(
        outputs=DEPLOYED | {"key_arn": "arn:aws:kms:eu-central-1:222222222222:key/1"}
    )
    ended = project.run("up", "dev")
    assert (ended.code, project.tools.calls("pulumi", "up")) == (2, [])
    assert "set 'kms-to-s3' first (docs/deploy.md, Ways back)" in ended.err
    project.tools.pulumi(outputs=DEPLOYED | {"old_key_arn": "arn:aws:kms:eu-central-1:2:key/1"})
    assert project.run("preflight", "dev").code == 0


def test_a_stack_that_nobody_made_is_a_sentence(project: Project):
    """Pulumi's own error comes only after the layer was built and both accounts were called."""
    project.tools.pulumi(missing="dev")
    ended = project.run("preflight", "dev")
    assert ended.code == 2
    assert "run `pulumi stack init dev`, or log in to another" in ended.err


def test_a_stack_without_a_file_is_told_which_there_are(project: Project):
    ended = project.run("preflight", "prod")
    assert ended.code == 2
    assert ended.err == (
        "Pulumi.prod.yaml is not there; the stacks here are dev, production, sandbox: name one of "
        "them, or copy its file\n"
    )


def test_faults_of_the_configuration_are_those_of_the_program(project: Project):
    """They are reported with the other faults, before the engine has started."""
    project.tools.remove("pulumi")
    file = project.folder / "Pulumi.crooked.yaml"
    file.write_text("config:\n  thumbx:region: eu-west-9\n")
    try:
        ended = project.run("preflight", "crooked")
    finally:
        file.unlink()
    lines = ended.err.splitlines()
    assert ended.code == 2
    assert any(line.startswith("pulumi is not on the PATH; ") for line in lines)
    assert any(line.startswith("thumbx:region is 'eu-west-9'") for line in lines)
    assert any(line.startswith("thumbx:producer") and "is not set" in line for line in lines)


def test_a_profile_of_the_environment_that_does_not_exist_is_a_sentence(project: Project):
    """boto3 then refuses to start at all, with its own traceback."""
    ended = project.run("preflight", "dev", AWS_PROFILE="nobody")
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert "The config profile (nobody) could not be found" in ended.err
