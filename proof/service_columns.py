"""The columns of the matrix for the owner's services, by their documented permissions.

They are evaluated only. GuardDuty's malware protection stands for scanners; replication, AWS Backup
and Macie for copiers.
"""

from __future__ import annotations

from components.storage.service_access import VALIDATION_OBJECT
from proof.attempts import object_attempt

GROUP = "services"
SCANNER = "arn:aws:iam::222222222222:role/malware-protection"
COPIER = "arn:aws:iam::222222222222:role/backup"


SERVICES = (
    *(
        object_attempt(GROUP, f"{verb} {place}", action, f"{{{place}}}{{there}}")
        for verb, action in (
            ("read", "GetObject"),
            ("read versions of", "GetObjectVersion"),
            ("read tags of", "GetObjectTagging"),
            ("write tags of", "PutObjectTagging"),
            ("replicate", "GetObjectVersionForReplication"),
            ("write", "PutObject"),
            ("delete", "DeleteObject"),
        )
        for place in ("originals", "thumbnails", "elsewhere")
    ),
    object_attempt(GROUP, "put GuardDuty's validation object", "PutObject", VALIDATION_OBJECT),
)
