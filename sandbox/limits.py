"""The claims that a successful run in the sandbox does not prove; printed wherever it shows
results.
"""

NOTICE = (
    "This ran on ministack, an emulator of AWS on one machine, with IAM enforced and over TLS. "
    "It is not AWS."
)

# Printed when the emulator starts: the emulator runs a function as a process of the user who
# started it.
WARNING = (
    "While it runs, every program on this machine can run code as you, because the emulator "
    "accepts an account id as a root access key and runs Lambda functions as your processes."
)

# Measured on the emulator; each line also says what covers the gap.
LIMITS = {
    "Old TLS versions": (
        "It does not know s3:TlsVersion, so DenyOldTls never refuses here; a unit test compares "
        "the statement."
    ),
    "The function's own condition": (
        "It issues credentials without lambda:SourceFunctionArn, so the sandbox stack leaves out "
        "that condition of the function's grants. On AWS the condition is there, and unit tests "
        "compare it."
    ),
    "Callers of other accounts": (
        "It refuses roles of A that B's bucket policy names, so uploaders and readers are roles of "
        "B here; other accounts are tested on the documents."
    ),
    "The caller's ARN": (
        "It sets aws:PrincipalArn to the session's ARN and AWS sets it to the role's, so the "
        "sandbox stack adds the session's pattern to the refusals."
    ),
    "Lambda's own rights": (
        "It checks neither PassRole nor KMS, nor the function's permissions on log and queue; unit "
        "tests compare these documents."
    ),
    "Trails, analyzers and alarms": (
        "It delivers no trail files, has no Access Analyzer and sends no API calls to EventBridge, "
        "so these are off in the sandbox stack. Unit tests and event files in CloudTrail's form "
        "cover them."
    ),
    "The runtime": (
        "The function runs on this machine's Python and packages, whatever runtime, memory and "
        "architecture were declared, and without the layer. Times are those of this machine."
    ),
    "The refusing statement": (
        "Its errors name no statement, so each statement is proven: with all other refusals "
        "removed the call is still refused, and with this one removed too it succeeds."
    ),
}
