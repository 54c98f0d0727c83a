/** Why an error with this code occurs, and what its reader does about it: a row of docs/troubleshooting.md. */
export interface ErrorExplanation {
  readonly cause: string;
  readonly fix: string;
}

/** Every code of an `OperatorError`. Codes are stable: scripts and dashboards may depend on them. */
export const errorCodes = {
  ADOPT_IMPOSSIBLE: {
    cause:
      "The application in `apps.*.adopt` does not exist, is deleted, or already belongs to another stack or app.",
    fix: "Run the command in the message, or remove the setting.",
  },
  ANSWER_TOO_LARGE: {
    cause: "A host answered with more data than any Azure service sends.",
    fix: "Check for a proxy or portal between this machine and Azure, then run again.",
  },
  ANSWER_UNREADABLE: {
    cause: "A host switched protocols or packed its answer, which was not requested.",
    fix: "Check for a proxy or portal between this machine and Azure, then run again.",
  },
  API_UNKNOWN: {
    cause:
      "The tenant does not have an API in `apis`, the API has no application permissions, or the text does not name an API.",
    fix: "Do what the message says. [Other APIs](other-apis.md) lists the well-known names.",
  },
  APP_NAME_TAKEN: {
    cause: "The tenant has an application with the display name of a new app.",
    fix: "Run the command in the message. Which one it is depends on [whose the application is](ownership.md#an-app-of-the-same-name).",
  },
  APP_NOT_OURS: {
    cause:
      "An application in the stack's state carries another stack's [mark](ownership.md). Nothing was changed.",
    fix: "Decide which of the two stacks keeps the application, and take it out of the other one's state and settings.",
  },
  APP_PROTECTED: {
    cause: "An app or managed identity was removed from the settings of a protected stack.",
    fix: "Add it again. To delete it, set `protect` to false and run `pulumi up` first.",
  },
  AZURE_REFUSED: {
    cause: "An Azure service rejected a request. The message has its code and explanation.",
    fix: "Look the service's code up in [troubleshooting](troubleshooting.md), or fix what the message names.",
  },
  CALLER_UNKNOWN: {
    cause: "The access token of the signed-in identity does not say whose it is.",
    fix: "Sign in again with `az login` or the `ARM_*` variables.",
  },
  CERTIFICATES_FORBIDDEN_BY_POLICY: {
    cause:
      "The tenant's app management policy accepts certificates of trusted authorities only, and the vault's are self-signed.",
    fix: "Use [another credential](credentials.md), or ask an administrator for an exception for this application.",
  },
  CERTIFICATE_KEY_FOREIGN: {
    cause:
      "The vault secret that names an app's signing key names another key, so it was changed outside Pulumi. Nothing was signed.",
    fix: "Find out who changed it, then run `pulumi up --refresh`, which publishes another certificate.",
  },
  CERTIFICATE_LIFETIME_OVER_POLICY: {
    cause: "A certificate would live longer than the tenant's app management policy allows.",
    fix: "Set `rotation.everyDays`, `keepDays` or `graceDays` lower. The message has the limit and the command.",
  },
  CERTIFICATE_NOT_MADE: {
    cause: "Key Vault accepted the request for a certificate and did not make it.",
    fix: "Run the command again. The vault's reason is in the message.",
  },
  CERTIFICATE_REFUSED: {
    cause:
      "The TLS certificate of a host is not trusted, or is for another host. Often a proxy inspects TLS.",
    fix: "Set `NODE_EXTRA_CA_CERTS` to the CA certificate of the proxy. For another host's certificate, check `HTTPS_PROXY` and DNS.",
  },
  CLOCK_INVALID: {
    cause: "`COPILOT_TOKEN_CLOCK` is not an ISO 8601 time with an offset.",
    fix: "Write it like `2027-01-31T12:00:00Z`, or unset it.",
  },
  CLOUD_DIFFERS: {
    cause:
      "Two of the settings and variables that choose a cloud disagree, or they disagree with the cloud that the stack is in.",
    fix: "Give all of them the cloud of the tenant. The message names both values. See [clouds](clouds.md).",
  },
  CLOUD_FEATURE_MISSING: {
    cause:
      "The tenant's cloud does not offer what was asked for, or no document of Microsoft's says that it does.",
    fix: "The message has the reason and another way. See [clouds](clouds.md).",
  },
  CLOUD_UNSUPPORTED: {
    cause: "A setting or variable chooses a cloud by a name that its reader does not know, such as `gcc`.",
    fix: "Use the names in [clouds](clouds.md). GCC tenants are in the public cloud.",
  },
  CONNECTION_REFUSED: {
    cause: "A host accepts no connection.",
    fix: "Check the network, the firewall and `HTTPS_PROXY`.",
  },
  CONNECTION_RESET: {
    cause: "A connection was closed while it was in use.",
    fix: "Run the command again. If it happens again, check proxies and firewalls.",
  },
  CONNECTION_TIMEOUT: {
    cause: "A host did not answer in time.",
    fix: "Check the network, the firewall and `HTTPS_PROXY`, and run the command again.",
  },
  CONNECTOR_MISSING: {
    cause: "The environment has no custom connector of the app's name, or the signed-in user may not see it.",
    fix: "Import `connector/solution.zip`, check `--environment-id`, and sign in with `az login` as a user who may see the connector.",
  },
  CONNECTOR_PENDING: {
    cause:
      "The environment has not given the connector its managed identity yet. It takes up to five minutes after an import.",
    fix: "Run the command again in some minutes. If it stays so, open the connector's Security tab, choose managed identity and save.",
  },
  CONNECTOR_UNEXPECTED: {
    cause:
      "A connector of the app's name signs in as another app, or with an issuer or subject that is not the tenant's own.",
    fix: "Nothing was taken in. Compare the connector in Power Apps with the app, and import `connector/solution.zip` again.",
  },
  COPILOT_APP_INVALID: {
    cause: "Flags that describe an app without a stack are missing or invalid.",
    fix: "Correct the flags in the message, or use the outputs of a stack.",
  },
  COPILOT_REQUEST_NOT_ALLOWED: {
    cause: "The Logic App does not perform the request that the flow would make.",
    fix: "Add the request to `apps.*.logicApp.requests`, or choose one that is there.",
  },
  COPILOT_SETTING_INVALID: {
    cause: "A flag of `npm run copilot`, or the setting that it takes its value from, is invalid.",
    fix: "Correct the values in the message.",
  },
  CREDENTIAL_FIXED: {
    cause: "An app would become a managed identity, or the other way round. That changes its client ID.",
    fix: "Add a new key, move the consumers, then remove the old key.",
  },
  CREDENTIAL_MISDIRECTED: {
    cause: "A token or secret was about to be sent to another service. Nothing was sent.",
    fix: "This is a bug: report it.",
  },
  DESTROY_RECORD_INVALID: {
    cause: "The record of a destroyed stack in `.copilot-token/` is damaged.",
    fix: "Restore the file, or move it away. Then nothing can be restored or purged from it.",
  },
  DESTROY_RECORD_MISSING: {
    cause: "`--restore` or `--purge` needs the record that `npm run destroy` wrote, and it does not exist.",
    fix: "Run the command on the machine that destroyed the stack, or copy the record from it.",
  },
  DESTROY_RECORD_OTHER_STACK: {
    cause: "The record of a destroyed stack belongs to another stack.",
    fix: "Use `--stack` as the message says, or move the file away.",
  },
  EMULATOR_REQUIRED: {
    cause: "The inline engine works with the emulated tenant only.",
    fix: "Use `npm run local`, or install the Pulumi CLI for a real tenant.",
  },
  EMULATOR_SIGN_IN: {
    cause: "A provider of the inline engine found no sign-in to the emulated tenant.",
    fix: "Set the variables in the message, or use `npm run local` or `npm run tenant`.",
  },
  FAULT_PLAN_INVALID: {
    cause: "The fault plan of `npm run tenant` is invalid.",
    fix: "Correct the entries in the message. See [the emulated tenant](emulator.md#time-and-injected-faults).",
  },
  GRANTER_BESIDE_SECRET: {
    cause: "The sign-in of the deployer is set in a variable that azuread would also use for the granter.",
    fix: "Use OIDC (`ARM_USE_OIDC`) for both, or remove the setting `granter`.",
  },
  GRAPH_PRINCIPAL_MISSING: {
    cause: "The tenant has no service principal for Microsoft Graph.",
    fix: "Check that you are signed in to the right tenant.",
  },
  HISTORY_INCOMPLETE: {
    cause: "The vault's list of versions lacks the client secret that the outputs name.",
    fix: "Check that the outputs are of this vault and up to date: `pulumi stack output --json`.",
  },
  HOST_FOREIGN: {
    cause:
      "An address, often a link in an answer, leads to a host that the service does not own. Nothing was sent there.",
    fix: "Check for a proxy that changes answers, and take the outputs from the stack again.",
  },
  HOST_UNKNOWN: {
    cause: "A host name cannot be resolved.",
    fix: "Check the name in the message, the network and `HTTPS_PROXY`.",
  },
  INPUT_TOO_LONG: {
    cause: "Standard input is longer than anything that a command reads.",
    fix: "Pipe in the stack's outputs, or the token.",
  },
  INTERRUPTED: {
    cause: "You interrupted the command.",
    fix: "Run it again.",
  },
  LOCATION_MISSING: {
    cause: "The stack has no Azure region.",
    fix: "`pulumi config set azure-native:location westeurope`",
  },
  LOGIC_APP_CALLER_SHARED: {
    cause:
      "A caller's client ID is shared by all users of a connector, so it would admit every user of the tenant.",
    fix: "List the users in `apps.*.logicApp.users`.",
  },
  LOGIC_APP_NAME_TOO_LONG: {
    cause: "The app's key is too long to be part of a Logic App's name.",
    fix: "Use a shorter key.",
  },
  LOGIC_APP_NEEDS_IDENTITY: {
    cause: "`logicApp` is set for an app that is not a managed identity.",
    fix: "Set `credential: managedIdentity` and `identity`, or remove `logicApp`.",
  },
  LOGIC_APP_NO_REQUEST: {
    cause: "No default request is known for the app's permissions.",
    fix: "Add a request to `apps.*.logicApp.requests`.",
  },
  LOGIC_APP_TOO_MANY_CALLERS: {
    cause: "A Logic App accepts five authorization policies: one for each user and each other caller.",
    fix: "List fewer users or callers.",
  },
  LOGIC_APP_USERS_IDLE: {
    cause: "`users` is set, but Microsoft's connector is not among the `callers`.",
    fix: "Add the connector's client ID to `apps.*.logicApp.callers`, or remove the users.",
  },
  MANAGED_IDENTITY_REFUSED: {
    cause: "The managed identity endpoint issued no token.",
    fix: "Assign the identity to the resource that runs the command. Set `AZURE_CLIENT_ID` if it has several.",
  },
  NODE_DEBUG_SHOWS_SECRETS: {
    cause: "`NODE_DEBUG` makes Node print requests, with the tokens and client secrets in them.",
    fix: "Unset `NODE_DEBUG`.",
  },
  NO_ANSWER: {
    cause: "A service did not answer, also not after retries.",
    fix: "Check the network and run the command again.",
  },
  NO_APPS: {
    cause: "The stack's outputs list no app.",
    fix: "Run `pulumi up`, then pass its outputs.",
  },
  OIDC_FILE_UNREADABLE: {
    cause: "The file with the federated token cannot be read.",
    fix: "Correct the variable in the message.",
  },
  OIDC_URL_INVALID: {
    cause: "The variable that names the issuer of federated tokens is not an `https://` address.",
    fix: "Set it as the CI system provides it.",
  },
  OUTPUTS_INVALID: {
    cause: "The file or pipe does not contain the outputs of a stack of this project.",
    fix: "`pulumi stack output --json > outputs.json`, then `--outputs outputs.json`.",
  },
  OUTPUTS_MISSING: {
    cause: "No outputs of a stack were found.",
    fix: "Pass them with `--outputs FILE`, or deploy first.",
  },
  OUTPUTS_UNWRITABLE: {
    cause: "The file for the outputs cannot be written.",
    fix: "Choose another file.",
  },
  OUTPUT_UNWRITABLE: {
    cause:
      "A result could not be written to standard output or to the step summary, for example because the disk is full.",
    fix: "Free space, or write elsewhere. The exit code is 1, because the result did not arrive.",
  },
  OWNERS_WITHOUT_DEPLOYER: {
    cause:
      "`owners` leaves out the service principal that deploys. With `Application.ReadWrite.OwnedBy` it changes only apps that it owns.",
    fix: "Run the command in the message, which adds it to `owners`.",
  },
  PAGES_ENDLESS: {
    cause: "A list of a service links to itself, or has more than 1,000 pages.",
    fix: "Check for a proxy that changes answers, then run again.",
  },
  PERMISSION_DELEGATED_ONLY: {
    cause: "The permission works only with a signed-in user, such as `User.Read` or `Files.ReadWrite`.",
    fix: "Use the application permission that the message suggests, such as `User.Read.All`, or ask for it under `delegated`, so that the app acts as its signed-in user.",
  },
  PERMISSION_TIER_ZERO: {
    cause: "The permission can take over the tenant.",
    fix: "Use a smaller permission, or accept it by name in `acceptTierZero`.",
  },
  PERMISSION_UNKNOWN: {
    cause: "Microsoft Graph in your tenant has no application permission of this name.",
    fix: "Use one of the names that the message suggests.",
  },
  PORT_IN_USE: {
    cause: "Another program uses the port.",
    fix: "Choose another `--port`, or none for any free port.",
  },
  POWER_PLATFORM_DATAVERSE_MISSING: {
    cause: "Dataverse has no service principal in the tenant.",
    fix: "Create the first Dataverse environment, or run the command in the message.",
  },
  POWER_PLATFORM_SERVICE_AMBIGUOUS: {
    cause: "Several enterprise applications could be the service that reads secrets for topics.",
    fix: "Set `powerPlatform.virtualAgentsServiceObjectId`.",
  },
  POWER_PLATFORM_SERVICE_IMPOSTOR: {
    cause: "The enterprise application that would read secrets for topics does not belong to Microsoft.",
    fix: "Find out who created it. Set `powerPlatform.virtualAgentsServiceObjectId` to the right one.",
  },
  POWER_PLATFORM_SERVICE_MISSING: {
    cause: "The service that reads secrets for topics is not in the tenant yet.",
    fix: "Create a first agent in Copilot Studio, or set `powerPlatform.virtualAgentsServiceObjectId`.",
  },
  POWER_PLATFORM_TAG_TOO_LONG: {
    cause: "The list of agents does not fit into a tag of the vault secret.",
    fix: "List fewer agents, or none to allow all agents of the environment.",
  },
  PROGRAM_SYNTAX: {
    cause: "The inline engine cannot read the Pulumi program.",
    fix: "Correct the places in the message.",
  },
  PROVIDERS_NOT_SERVED: {
    cause: "The process that serves the project's own resource providers ended at its start.",
    fix: "Run `npm ci` and try again.",
  },
  PROVIDER_UNREADABLE: {
    cause: "The installed Azure provider does not say which API version it uses.",
    fix: "Install the packages again: `npm ci`.",
  },
  PROXY_INVALID: {
    cause: "The proxy variable is not a URL.",
    fix: "Write it like `http://proxy.example.com:8080`.",
  },
  PROXY_REFUSED: {
    cause: "The proxy rejected the connection.",
    fix: "Check the proxy's rules, and user and password in the proxy variable.",
  },
  PROXY_UNREACHABLE: {
    cause: "The proxy cannot be reached.",
    fix: "Correct or unset the proxy variable in the message.",
  },
  PULUMI_BROKEN: {
    cause: "The Pulumi CLI does not run.",
    fix: "Install it again.",
  },
  PULUMI_FAILED: {
    cause: "The Pulumi CLI failed. The message has its last lines.",
    fix: "Fix what they name.",
  },
  PULUMI_LANGUAGE_HOST: {
    cause: "The Pulumi CLI does not find `pulumi-language-nodejs`.",
    fix: "Put the folder of the Pulumi CLI on PATH.",
  },
  PULUMI_LOGIN: {
    cause: "The Pulumi CLI is not signed in to its state backend.",
    fix: "`pulumi login`, or set `PULUMI_BACKEND_URL`.",
  },
  PULUMI_MISSING: {
    cause: "There is no Pulumi CLI on this machine.",
    fix: "Install it. `npm run local` works without it.",
  },
  PULUMI_PLUGIN: {
    cause: "A resource plugin is not installed and cannot be downloaded.",
    fix: "Run the command in the message with network access.",
  },
  PULUMI_TOO_OLD: {
    cause: "The Pulumi CLI is older than this project needs.",
    fix: "Update it.",
  },
  REPORT_UNWRITABLE: {
    cause: "The report file cannot be written.",
    fix: "Choose another file.",
  },
  ROTATE_UNKNOWN_APP: {
    cause: "`COPILOT_TOKEN_ROTATE` names an app that the stack does not have.",
    fix: "Use one of the names in the message, or `all`.",
  },
  SECRETS_FORBIDDEN_BY_POLICY: {
    cause: "An app management policy of the tenant forbids client secrets.",
    fix: "Use `credential: federated` or `managedIdentity`, or ask for an exception.",
  },
  SECRET_LIFETIME_OVER_POLICY: {
    cause: "An app management policy of the tenant allows a shorter lifetime than the settings result in.",
    fix: "Use smaller `rotation.everyDays` or `rotation.keepDays`, as the message says.",
  },
  SECRET_NOT_PUBLISHED: {
    cause:
      "A new client secret was added in Entra, and then it was not verified or the vault did not accept it. The published client secret is unchanged.",
    fix: "Fix what the message names, then run `pulumi up` again. It adds another client secret.",
  },
  SETTINGS_INVALID: {
    cause: "Several settings are invalid. The message lists each with a fix.",
    fix: "Run the commands in the message.",
  },
  SETTINGS_UNREAD: {
    cause: "`npm run doctor` could not read the stack's settings, so checks that need them could not run.",
    fix: "Fix the failed check `settings` first.",
  },
  SETTING_INVALID: {
    cause: "A setting has a value that cannot work.",
    fix: "Run the command in the message. See [settings](settings.md).",
  },
  SETTING_NAMESPACE: {
    cause: "The stack file has a key under a prefix that this project does not read.",
    fix: "Rename the key as the message says. Settings of this project start with `copilot-token:`.",
  },
  SETTING_UNKNOWN: {
    cause: "The stack file has a setting that does not exist.",
    fix: "Run the command in the message. See [settings](settings.md).",
  },
  SIGN_IN_ADDRESS_SET: {
    cause:
      "The stack file names the address where a provider fetches its sign-in. The run's own token would be sent there.",
    fix: "Run the command in the message. The CI system sets these addresses as variables.",
  },
  SIGN_IN_INCOMPLETE: {
    cause: "Some of the `ARM_*` variables for a sign-in are missing.",
    fix: "Set all of them, or unset the one in the message to use the Azure CLI.",
  },
  SIGN_IN_MISSING: {
    cause: "No sign-in to Azure was found.",
    fix: "`az login`, or set the `ARM_*` variables.",
  },
  SIGN_IN_NO_LISTENER: {
    cause:
      "`verify --sign-in` needs a port on 127.0.0.1 to which the browser returns, and the system gave none.",
    fix: "Run it on the machine whose browser you use, outside a sandbox that forbids listening.",
  },
  SIGN_IN_REFUSED: {
    cause: "Entra rejected the sign-in of your own identity. The message has its AADSTS code.",
    fix: "Check the `ARM_*` variables, or sign in again.",
  },
  SIGN_IN_UNANSWERED: {
    cause: "`verify --sign-in` showed an address, and no sign-in came back in time.",
    fix: "Run it again and open the address in a browser on the same machine. `--wait` gives more time.",
  },
  SIGN_IN_UNTRUSTED: {
    cause: "`verify` cannot sign in as an app without a secret from here.",
    fix: "Run it in the workflow or on the Azure resource in the message, or use `--if-trusted`.",
  },
  STACK_FILE_UNREADABLE: {
    cause: "The stack file cannot be read.",
    fix: "Correct the file or its permissions.",
  },
  STACK_FILE_UNWRITABLE: {
    cause: "The stack file cannot be written.",
    fix: "Correct the permissions of the file and its folder.",
  },
  STACK_LOCKED: {
    cause: "A run is in progress, or an interrupted run left its lock.",
    fix: "Wait. If no run is in progress: `npm run rotate -- --unlock`.",
  },
  STACK_MISSING: {
    cause: "The stack does not exist where Pulumi keeps its state, or none is selected.",
    fix: "Choose it with `--stack`, or create it with `pulumi stack init`.",
  },
  STACK_NOT_DEPLOYED: {
    cause: "The stack has no outputs: no deployment has succeeded.",
    fix: "Run `pulumi up` first.",
  },
  STACK_PROTECTED: {
    cause: "The stack is protected against deletion.",
    fix: "Run the commands in the message, then destroy.",
  },
  STACK_STANDS: {
    cause: "`--restore` or `--purge` was used, but the stack still has resources.",
    fix: "Run one of the commands in the message.",
  },
  STATE_DAMAGED: {
    cause: "A state file of the emulated tenant or of the inline engine has unexpected content.",
    fix: "Restore it, or delete it to start again.",
  },
  STATE_NOT_WRITTEN: {
    cause: "A state file cannot be written.",
    fix: "Choose another file or correct the permissions of its folder.",
  },
  STATE_PASSPHRASE: {
    cause: "The passphrase of the stack's state is missing or wrong.",
    fix: "Set `PULUMI_CONFIG_PASSPHRASE` or `PULUMI_CONFIG_PASSPHRASE_FILE`.",
  },
  STATE_PASSPHRASE_MISSING: {
    cause: "The inline engine has no passphrase for the stack's state.",
    fix: "Set `PULUMI_CONFIG_PASSPHRASE`.",
  },
  SUBSCRIPTION_UNCLEAR: {
    cause: "The signed-in identity sees several subscriptions, or none.",
    fix: "`export ARM_SUBSCRIPTION_ID=<subscription>`",
  },
  TENANT_DIFFERS: {
    cause: "You are signed in to another tenant than the stack's.",
    fix: "`az login --tenant <tenant>`, or set the `ARM_*` variables.",
  },
  TIME_LIMIT: {
    cause: "All requests of one run together took longer than their limit.",
    fix: "Check why the services answer slowly, or run for fewer apps with `--app`.",
  },
  TLS_CHECK_OFF: {
    cause:
      "`NODE_TLS_REJECT_UNAUTHORIZED=0` turns off the check of certificates. Anyone on the network could read the tokens.",
    fix: "Unset it. For a proxy that inspects TLS, set `NODE_EXTRA_CA_CERTS` to its CA's PEM file.",
  },
  TOKEN_ENCRYPTED: {
    cause: "The token is encrypted (JWE). Only the API that it is for can read it.",
    fix: "Use an access token for another API.",
  },
  TOKEN_MALFORMED: {
    cause: "The input is not a JSON Web Token.",
    fix: "Pass only the access token, or the whole token response as JSON.",
  },
  TOKEN_REFUSED: {
    cause: "Entra issued no token for an app. The message has its AADSTS code.",
    fix: "Look the AADSTS code up in [troubleshooting](troubleshooting.md).",
  },
  TOKEN_TOO_LONG: {
    cause: "The input is longer than any token.",
    fix: "Pass only the access token.",
  },
  USAGE_ERROR: {
    cause: "A command got invalid flags or input.",
    fix: "`--help` lists the flags.",
  },
  USER_SIGN_IN_REFUSED: {
    cause: "Entra did not sign a user in to an app in the browser. The message has its AADSTS code.",
    fix: "Sign in as a user who may use the app, or run `npm run verify` to see what the app lacks.",
  },
  VAULT_ADOPT_IMPOSSIBLE: {
    cause: "The vault in `vault.adopt` does not exist, or this program did not create it.",
    fix: "Correct or remove the setting.",
  },
  VAULT_DELETED: {
    cause: "A deleted vault has the name, and Azure keeps it.",
    fix: "`npm run destroy -- --restore`, or `az keyvault recover` and `vault.adopt`, or another `vault.name`.",
  },
  VAULT_FIXED: {
    cause:
      "`vault.name` or `vault.adopt` was changed, or the stack was renamed. The program would use another vault than the one that readers know.",
    fix: "Run the command in the message. For another vault, create another stack.",
  },
  VAULT_IN_USE: {
    cause:
      "The vault holds client secrets of another stack's app, or a secret of the same name that was made by hand.",
    fix: "Remove `vault.adopt`, or give the app another key. If the other stack is gone, run the command in the message.",
  },
  VAULT_HOST_FOREIGN: {
    cause: "The vault's address in the outputs is not a Key Vault. No token is sent there.",
    fix: "Take the outputs from the stack again.",
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;

/** The code of an `OperatorError`. */
export type ErrorCode = keyof typeof errorCodes;
