/** Commands that the product's messages name outside of a suggested fix, by file, up to the next mark of punctuation. */
export const otherCommandTexts: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  /** A person decides on it or has to fill it in, or it needs what no test has: an account, a registry, an installer. */
  person: {
    "copilot/asUser/connectorReadme.ts": ["az login"],
    "scripts/copilot/connect.ts": ["az login"],
    "azure/signIn.ts": ["az login"],
    "copilot/asUser/manualSignIn.ts": ["pulumi up"],
    "copilot/requests/chosenRequests.ts": ["pulumi up"],
    "copilot/settings.ts": [
      "az keyvault secret show --vault-name <vault> --name <secret> names both",
      "pulumi up",
    ],
    "core/agent/powerPlatform.ts": ["pulumi config set --path"],
    "core/outputs/publishedAnywhere.ts": ["pulumi stack output --json"],
    "core/outputs/stackOutputs.ts": [
      "pulumi stack output --json > outputs.json",
      "pulumi stack output --json",
    ],
    "core/permissions/knownApis.ts": ["az role assignment create"],
    "core/vault/vaultKept.ts": ["pulumi stack rename <former name>"],
    "infra/plan/refusals.ts": ["pulumi config set copilot-token:protect false"],
    "scripts/copilot/copilotInput.ts": ["pulumi up"],
    "scripts/destroy/azureView.ts": ["az login --tenant …"],
    "scripts/destroy/ownership.ts": ["pulumi state delete"],
    "scripts/destroy/reportText.ts": [
      "npm run destroy -- … --restore …   (or --purge",
      "az keyvault purge …",
    ],
    "scripts/destroy/situation.ts": ["pulumi up"],
    "scripts/init/init.ts": ["npm run init again with --reader"],
    "scripts/rotate/history.ts": ["pulumi stack output --json"],
    "scripts/rotate/removals.ts": ["az ad app federated-credential delete … …"],
    "scripts/shared/engines/inlineEngine.ts": ["npm run tenant -- --exec"],
    "scripts/shared/engines/pulumiCli.ts": ["pulumi login"],
    "scripts/shared/engines/pulumiEngine.ts": ["pulumi stack select"],
    "scripts/shared/engines/pulumiFailure.ts": ["pulumi login", "pulumi plugin install resource …"],
    "scripts/doctor/keyVaultApi.ts": ["npm ci"],
    "scripts/shared/stackFile.ts": ["npm run init writes a stack file"],
    "scripts/shared/stackOutputs.ts": [
      "pulumi stack output --json | …",
      "pulumi stack output…",
      "pulumi up",
      "pulumi stack output --json",
    ],
  },
  /** Put into a fix of `core/fix.ts` beside it. */
  partOfFix: {
    "scripts/destroy/destroy.ts": ["pulumi up …"],
    "scripts/rotate/failures.ts": ["npm run (ownCommand("],
    "scripts/shared/engines/pulumiFailure.ts": ["npm run (ownCommand("],
    "scripts/verify/checks/token.ts": ["npm run (ownCommand(", "npm run (refreshCommand(stackName"],
    "scripts/verify/checks/vaultSecret.ts": [
      "npm run (ownCommand(",
      "npm run (refreshCommand(stack.stackName",
    ],
  },
  /** Corrects a setting: tests of the settings follow each. */
  fault: {
    "core/settings/settingsFaults.ts": ["pulumi config set --path … …", "pulumi config rm --path …"],
    "core/cloud/chosenCloud.ts": ["pulumi config set … …"],
    "core/settings/stackConfig.ts": ["pulumi config set azure-native:location …"],
  },
  /** What comes next, where nothing is wrong; usage and generated pages. */
  next: {
    "copilot/byCertificate/certificateReadme.ts": [
      "az keyvault secret show --vault-name … --name … --query value -o tsv",
      "npm run verify",
    ],
    "copilot/asUser/connectorReadme.ts": ["pulumi up"],
    "scripts/copilot/connect.ts": ["pulumi up"],
    "copilot/asUser/userReadme.ts": ["npm run verify"],
    "copilot/readme/readme.ts": ["pulumi up", "npm run token"],
    "copilot/readme/markdown.ts": ["npm run copilot"],
    "core/settings/bootstrapInstructions.ts": [
      "pulumi up",
      "gh api user --jq .id",
      "gh api --silent … 2>/dev/null",
      "gh api --silent --method PUT … -F 'deployment_branch_policy[protected_branches]=false'",
      "gh api --silent --method POST … -f name=main",
      "gh variable set … --repo …… --body …",
    ],
    "scripts/commands.ts": [
      "npm run <command> -- [flags]",
      "npm run <command> -- --help explains a command and its flags",
    ],
    "scripts/copilot/runCopilot.ts": ["npm run copilot -- --try shows the conversation"],
    "scripts/init/init.ts": [
      "pulumi stack select --create … && npm run doctor -- --stack … && pulumi up --stack …",
    ],
    "scripts/init/questions.ts": ["az account list-locations --query [].name -o tsv"],
    "scripts/init/stackDocument.ts": ["npm run init", "npm run doctor checks them"],
    "scripts/local/runLocal.ts": [
      "npm run tenant -- --exec",
      "npm run verify -- --outputs …",
      "npm run rotate -- --stack … --now",
    ],
    "scripts/local/localReport.ts": [
      "az login && export ARM_SUBSCRIPTION_ID=<subscription>",
      "pulumi login && pulumi stack init …",
      "npm run init -- --stack …",
      "npm run doctor && pulumi up && npm run verify",
    ],
    "scripts/shared/command.ts": ["npm run … ended without a result", "npm run …: …", "npm run … -- [flags]"],
    "scripts/tenant/runTenant.ts": ["az ad app list"],
    "scripts/tenant/signInAs.ts": ["az login --identity --client-id"],
  },
  /** Tells what a command does or did, and suggests nothing. */
  tells: {
    "core/access/missingRight.ts": ["npm run doctor -- --for … names all that is missing"],
    "core/permissions/existingApps.ts": ["npm run rotate removes those that the stack's vault names as"],
    "core/secrets/retirement.ts": [
      "npm run rotate",
      "pulumi up after that removes it from the vault",
      "npm run rotate removes it",
    ],
    "scripts/copilot/trial/copilotTenant.ts": ["npm run (roleAssignment(secretResourceId"],
    "scripts/destroy/reportText.ts": [
      "pulumi up makes another",
      "npm run rotate -- --leaked ends them",
      "pulumi up",
    ],
    "scripts/destroy/situation.ts": ["npm run destroy notes what it takes away"],
    "scripts/doctor/azureRights.ts": ["pulumi up"],
    "scripts/doctor/doctor.ts": ["pulumi up"],
    "scripts/doctor/existingApps.ts": ["pulumi up adopts it"],
    "scripts/doctor/readers.ts": [
      "npm run verify reads the vault as this identity",
      "npm run verify would be refused the secret",
    ],
    "scripts/init/init.ts": [
      "npm run doctor asks the Pulumi CLI for them",
      "npm run doctor checks them later",
    ],
    "scripts/rotate/rotationPlan.ts": ["pulumi up from … on"],
    "scripts/shared/engines/pulumiEngine.ts": ["pulumi cancel"],
    "scripts/shared/engines/pulumiFailure.ts": ["pulumi up and every destroy", "npm run rotate does without"],
    "scripts/shared/stackFile.ts": ["pulumi config: …"],
    "scripts/verify/checks/credentials.ts": ["npm run rotate removes"],
  },
};
