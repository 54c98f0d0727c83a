import { personFix } from "../../core/fix";
import { judgeKeyVaultApi, keyVaultApiVersion, olderVersionsEnd } from "../../core/vault/keyVaultApi";
import { knowing } from "../shared/known";
import { readProviderApi } from "../shared/providerApi";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

/** The provider's Key Vault API version is one that Azure still takes for a while. */
export async function checkKeyVaultApi({ world }: DoctorContext): Promise<Finding> {
  const api = await knowing(readProviderApi(world.directory, "azure-native:keyvault:Vault"));
  if (!api.known) return skip(`the provider's API version is not known: ${api.error.message}`);
  const { packageVersion, apiVersion } = api.value;
  const { stage, daysLeft } = judgeKeyVaultApi(apiVersion, world.now());
  const evidence = { packageVersion, apiVersion };
  const end = olderVersionsEnd.toISOString().slice(0, 10);
  const fix = personFix(
    "provider.update",
    `Update the package to one that speaks ${keyVaultApiVersion} or later: npm install @pulumi/azure-native@latest`,
  );
  switch (stage) {
    case "current":
    case "aging":
      return pass(`azure-native ${packageVersion} speaks ${apiVersion} to Key Vault`, evidence);
    case "ending":
    case "urgent":
      return warn(
        `azure-native ${packageVersion} speaks ${apiVersion} to Key Vault, which Azure retires on ${end}, in ${daysLeft} days`,
        fix,
        evidence,
      );
    case "refused":
      return fail(
        `azure-native ${packageVersion} speaks ${apiVersion} to Key Vault, which Azure has retired on ${end}`,
        fix,
        evidence,
      );
  }
}
