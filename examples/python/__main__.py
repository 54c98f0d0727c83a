import pulumi
from pulumi_copilot_token import GraphApp

config = pulumi.Config()

app = GraphApp(
    "CopilotAPIAuth",
    permissions=["User.Read.All"],
    vault={"id": config.require("vaultId")},
    rotation={"every_days": 60},
    readers=[{"id": config.require("readerObjectId"), "type": "ServicePrincipal"}],
)

pulumi.export("clientId", app.client_id)
pulumi.export("secretUri", app.secret_uri)
# For npx copilot-token verify, rotate and copilot.
pulumi.export("copilotToken", app.details)
