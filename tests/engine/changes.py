"""A second value for each option of the tests' stack dev."""

from __future__ import annotations

from typing import Any

A, B = "111111111111", "222222222222"

# Options that depend on a changed option are changed together with it.
CHANGES: dict[str, dict[str, Any]] = {
    "producer.profile": {"producer.profile": "another"},
    "producer.boundary": {"producer.boundary": f"arn:aws:iam::{A}:policy/boundary"},
    "producer.rolePath": {"producer.rolePath": "/teams/pictures/"},
    "storage.profile": {"storage.profile": "another"},
    "storage.boundary": {"storage.boundary": f"arn:aws:iam::{B}:policy/boundary"},
    "storage.rolePath": {"storage.rolePath": "/teams/pictures/"},
    "storage.encryption": {"storage.encryption": "kms"},
    "storage.eventBridge": {"storage.eventBridge": True},
    "storage.deletable": {"storage.deletable": False},
    "thumbnails.sizes": {"thumbnails.sizes": {"tiny": 64}},
    "thumbnails.formats": {"thumbnails.formats": ["webp", "jpeg"]},
    "thumbnails.quality": {"thumbnails.quality": 70},
    "thumbnails.fit": {"thumbnails.fit": "cover"},
    "thumbnails.background": {"thumbnails.background": "#000000"},
    "thumbnails.animated": {"thumbnails.animated": True, "thumbnails.formats": ["webp", "jpeg"]},
    "thumbnails.cacheControl": {"thumbnails.cacheControl": "max-age=60"},
    "thumbnails.originalsPrefix": {"thumbnails.originalsPrefix": "uploads/"},
    "thumbnails.thumbnailsPrefix": {"thumbnails.thumbnailsPrefix": "small/"},
    "thumbnails.removals": {"thumbnails.removals": "follow"},
    "access.uploaders": {"access.uploaders": []},
    "access.readers": {
        "access.readers": [
            f"arn:aws:iam::{B}:role/another",
            f"arn:aws:cloudfront::{B}:distribution/E1",
        ]
    },
    "access.originalReaders": {"access.originalReaders": [f"arn:aws:iam::{B}:role/another"]},
    "access.origins": {"access.origins": ["https://pictures.example.com"]},
    "access.administrators": {"access.administrators": [f"arn:aws:iam::{B}:role/another"]},
    "access.scanners": {"access.scanners": [f"arn:aws:iam::{B}:role/scanner"]},
    "access.copiers": {"access.copiers": [f"arn:aws:iam::{B}:role/copier"]},
    "function.memory": {"function.memory": 1024},
    "function.timeout": {"function.timeout": 120},
    "function.architecture": {"function.architecture": "arm64"},
    "function.concurrency": {"function.concurrency": 20},
    "function.logLevel": {"function.logLevel": "DEBUG"},
    "security.sessionPolicy": {"security.sessionPolicy": True},
    "security.presignedMinutes": {"security.presignedMinutes": 20},
    "watch.trail": {"watch.trail": "off", "watch.accessAlarms": False}
    | {"watch.managementEvents": "off"},
    "watch.trailBucket": {
        "watch.trail": f"arn:aws:cloudtrail:eu-central-1:{B}:trail/audit",
        "watch.trailBucket": "audit-logs",
        "watch.managementEvents": "adopt",
    },
    "watch.dataEvents": {"watch.dataEvents": "writes"},
    "watch.managementEvents": {"watch.managementEvents": "adopt"},
    "watch.storageAnalyzer": {"watch.storageAnalyzer": "off"},
    "watch.producerAnalyzer": {
        "watch.producerAnalyzer": f"arn:aws:access-analyzer:eu-central-1:{A}:analyzer/audit"
    },
    "watch.alarms": {"watch.alarms": False},
    "watch.refusedPercent": {"watch.refusedPercent": 10},
    "watch.accessAlarms": {"watch.accessAlarms": False},
    "watch.deployers": {"watch.deployers": [f"arn:aws:iam::{B}:role/thumbx-deploy"]},
    "watch.alertEmail": {"watch.alertEmail": "pictures@example.com"},
    "watch.dashboards": {"watch.dashboards": False},
    "retention.logDays": {"retention.logDays": 30},
    "retention.versionDays": {"retention.versionDays": 7},
    "retention.trailDays": {"retention.trailDays": 30},
    "tags": {"tags": {"owner": "another"}},
}
# The options that change nothing in either account, because only a provider uses them.
WITHOUT_EFFECT = {"producer.profile", "storage.profile"}
# Options that are fixed once deployed, or only for an emulator.
UNTRIED = {
    "region",
    "storage.bucket",
    "storage.bucketKey",
    "emulatorPolicies",
    "security.oneAccount",
    *(f"{side}.{field}" for side in ("producer", "storage") for field in ("account", "endpoint")),
    *(f"{side}.caBundle" for side in ("producer", "storage")),
}
