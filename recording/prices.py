"""AWS's list prices in US dollars, for us-east-1, as they stood on `DATE`.

The source is the price page of each service (aws.amazon.com/<service>/pricing). Other regions cost
up to a half more; the estimate and `python -m reconcile` say for which region their sums are.
"""

from __future__ import annotations

from types import MappingProxyType

DATE = "2026-11"
REGION = "us-east-1"

GIGABYTE = 1e9

# What differs by region: S3's puts and gets, S3 Standard by gigabyte and month, logs by gigabyte.
# Regions that are not here are counted as us-east-1, and whoever prints the sum says so.
REGIONS = MappingProxyType(
    {
        "us-east-1": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "us-east-2": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "us-west-2": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.50),
        "eu-west-1": (0.005 / 1_000, 0.0004 / 1_000, 0.023, 0.57),
        "eu-central-1": (0.0054 / 1_000, 0.00043 / 1_000, 0.0245, 0.63),
        "ap-northeast-1": (0.0047 / 1_000, 0.00037 / 1_000, 0.025, 0.76),
    }
)

# S3, by request.
S3_PUT = 0.005 / 1_000
S3_GET = 0.0004 / 1_000
S3_LIST = 0.005 / 1_000
# What reading from a colder storage class costs more: by request, and by gigabyte.
RETRIEVAL = MappingProxyType(
    {
        "STANDARD_IA": (0.001 / 1_000, 0.01),
        "ONEZONE_IA": (0.001 / 1_000, 0.01),
        "GLACIER_IR": (0.01 / 1_000, 0.03),
    }
)

# Lambda, by request, and by gigabyte (of 1,024 MB) and second.
LAMBDA_REQUEST = 0.20 / 1e6
LAMBDA_GIGABYTE_SECOND = MappingProxyType({"x86_64": 0.0000166667, "arm64": 0.0000133334})

# SQS bills each batch of up to 64 KB as one request.
SQS_REQUEST = 0.40 / 1e6
# A trail's data events, by event.
DATA_EVENT = 0.10 / 100_000
# CloudWatch Logs, by gigabyte taken in.
LOG_GIGABYTE = 0.50
# KMS, by request; a bucket key saves nearly all of S3's.
KMS_REQUEST = 0.03 / 10_000
# EventBridge, by event of S3, which counts as opt-in.
EVENT = 1.00 / 1e6
