"""The image, the compose file, the values for Kubernetes: what `make check` cannot see in them."""

import re
from typing import Any

import pytest
import yaml

from vidpipe.settings import Settings
from vidpipe_tests.documents.markdown import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text("utf-8")
EXAMPLE = (DEPLOY / ".env.example").read_text("utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text("utf-8"))
SETTINGS = {f"VIDPIPE_{name.upper()}" for name in Settings.model_fields}
ONCE = {"minio-volume", "buckets", "upgrade"}  # services that end when they are done
PODS = {
    "code": VALUES["dagster-user-deployments"]["deployments"][0],
    "webserver": VALUES["dagsterWebserver"],
    "daemon": VALUES["dagsterDaemon"],
}


def test_the_image_is_made_of_files_that_exist_and_that_the_build_may_see() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
    sources = [source.rstrip("/") for line in copied for source in line.split()]
    assert "vidpipe" in sources
    seen = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for source in sources:
        assert (CHECKOUT / source).exists()
        assert f"!{source}" in seen


def test_the_image_pins_what_the_checkout_pins() -> None:
    pinned = (CHECKOUT / "constraints.txt").read_text("utf-8")
    for name in re.findall(r"/\^([\w-]+)==", DOCKERFILE):
        assert re.search(rf"^{name}==", pinned, re.M)
    assert "--no-deps --force-reinstall" in DOCKERFILE
    dagster = re.search(r"^dagster==(.*)$", pinned, re.M)
    assert dagster is not None
    chart = (DEPLOY / "kubernetes" / "values.yaml").read_text("utf-8")
    assert f"--version {dagster[1]} " in chart


def test_the_image_runs_as_a_user_without_a_name_for_root() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.M) == ["10001:10001"]
    assert "HEALTHCHECK" in DOCKERFILE
    assert "VOLUME /var/lib/vidpipe" in DOCKERFILE


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little_and_says_how_it_fares(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    if name in ONCE:
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
    # The image's user, or another one; root only to give a new volume away.
    is_root = service.get("user", "10001").startswith("0")
    assert is_root == (name == "minio-volume")
    assert service.get("cap_add", []) == (["CHOWN"] if is_root else [])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_until_what_it_needs_is_ready(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        ended = "service_completed_successfully"
        assert how == {"condition": ended if needed in ONCE else "service_healthy"}


def test_only_the_page_is_shown_to_the_machine_and_only_on_its_loopback() -> None:
    shown = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert shown == {"webserver": ["${UI_ADDRESS:-127.0.0.1:3000}:3000"]}


def test_every_variable_of_the_compose_file_is_in_the_example_and_no_secret_has_a_default() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.M))
    assert used - set(example) == {"TORCH_INDEX_URL"}
    assert set(example) <= used
    secret = {name for name in example if name.endswith("PASSWORD")}
    assert len(secret) == 3
    for name in secret:
        assert example[name] == ""
        assert f"${{{name}:?" in COMPOSE
        assert f"${{{name}:-" not in COMPOSE


def test_every_variable_that_a_container_gets_is_known() -> None:
    for name in ("code", "daemon", "webserver", "upgrade"):
        environment = SERVICES[name]["environment"]
        ours = {one for one in environment if one.startswith("VIDPIPE_")}
        assert ours <= SETTINGS
        assert environment == SERVICES["code"]["environment"], "all need the same settings"


def test_all_containers_of_vidpipe_keep_everything_where_the_others_read_it() -> None:
    environment = SERVICES["code"]["environment"]
    for place in ("UPLOADS", "LAKE", "MEDIA"):
        assert environment[f"VIDPIPE_{place}_URL"].startswith("s3://")
    made = " ".join(SERVICES["buckets"]["command"])
    for url in re.findall(r"s3://(\w+)", COMPOSE):
        assert f"minio/{url}" in made


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_not_root_and_its_root_is_read_only(name: str) -> None:
    pod = PODS[name]
    assert pod["podSecurityContext"]["runAsNonRoot"] is True
    assert pod["podSecurityContext"]["runAsUser"] == 10001
    check_container(pod["securityContext"], pod["volumeMounts"], pod["volumes"])
    assert pod["envSecrets"] == [{"name": "vidpipe-settings"}]
    assert "limits" in pod["resources"]


def test_a_run_is_a_pod_of_the_same_kind() -> None:
    launcher = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
    check_container(launcher["securityContext"], launcher["volumeMounts"], launcher["volumes"])
    assert launcher["envSecrets"] == [{"name": "vidpipe-settings"}]
    pod = launcher["runK8sConfig"]["podSpecConfig"]["security_context"]
    assert pod == PODS["code"]["podSecurityContext"]
    names = {one.partition("=")[0] for one in launcher["envVars"]}
    assert {name for name in names if name.startswith("VIDPIPE_")} <= SETTINGS


def check_container(
    security: dict[str, Any], mounts: list[dict[str, str]], volumes: list[dict[str, Any]]
) -> None:
    """Nothing but its volumes can be written, and the home and /tmp are among them."""
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert {"/var/lib/vidpipe", "/tmp"} <= {one["mountPath"] for one in mounts}
    assert {one["name"] for one in mounts} == {one["name"] for one in volumes}


def test_no_password_is_written_down() -> None:
    for path in [path for path in DEPLOY.rglob("*") if path.is_file()]:
        text = path.read_text("utf-8")
        written = re.findall(r"(?i)(?<!\{)\b\w*(?:password|secret_key)\w*[=:] *([\w${-]+)", text)
        assert [value for value in written if value[0] != "$" and value != "false"] == [], path.name
