import { parseScope, type ArmPath } from "./armPath";
import { ArmError, badRequest } from "./armError";
import { findType } from "./types";

/**
 * API versions that ARM takes, by lower-case namespace; `microsoft.resources` is that of subscriptions and resource
 * groups. A namespace's types do not all have every version, which is not told apart here.
 *
 * @see https://learn.microsoft.com/azure/templates, the list of versions on the page of each type (read 2026-11)
 */
const versions: Readonly<Record<string, string>> = {
  "microsoft.authorization": `
    2014-04-01-preview 2014-07-01-preview 2014-10-01-preview 2015-05-01-preview 2015-06-01 2015-07-01 2016-07-01
    2016-09-01 2017-05-01 2017-09-01 2017-10-01-preview 2018-01-01-preview 2018-05-01-preview 2018-07-01
    2018-09-01-preview 2018-12-01-preview 2019-04-01-preview 2020-03-01-preview 2020-04-01-preview 2020-08-01-preview
    2020-10-01 2020-10-01-preview 2021-01-01-preview 2021-04-01-preview 2022-01-01-preview 2022-04-01
    2022-05-01-preview`,
  "microsoft.eventgrid": `
    2017-06-15-preview 2017-09-15-preview 2018-01-01 2018-05-01-preview 2018-09-15-preview 2019-01-01
    2019-02-01-preview 2019-06-01 2020-01-01-preview 2020-04-01-preview 2020-06-01 2020-10-15-preview
    2021-06-01-preview 2021-10-15-preview 2021-12-01 2022-06-15 2023-06-01-preview 2023-12-15-preview
    2024-06-01-preview 2024-12-15-preview 2025-02-15 2025-04-01-preview 2025-07-15-preview 2025-11-15-preview`,
  "microsoft.insights": `
    2015-07-01 2016-03-01 2016-09-01 2017-04-01 2017-05-01-preview 2018-03-01 2018-09-01 2019-03-01 2019-06-01
    2021-05-01-preview 2021-09-01 2022-04-01 2022-06-01 2023-01-01 2023-09-01-preview 2024-10-01-preview`,
  "microsoft.keyvault": `
    2014-12-19-preview 2015-06-01 2016-10-01 2018-02-14 2018-02-14-preview 2019-09-01 2020-04-01-preview
    2021-04-01-preview 2021-06-01-preview 2021-10-01 2021-11-01-preview 2022-02-01-preview 2022-07-01 2022-11-01
    2023-02-01 2023-07-01 2024-04-01-preview 2024-11-01 2024-12-01-preview 2025-05-01 2026-02-01
    2026-03-01-preview`,
  "microsoft.logic":
    "2015-02-01-preview 2015-08-01-preview 2016-06-01 2016-10-01 2017-07-01 2018-07-01-preview 2019-05-01",
  "microsoft.managedidentity": `
    2015-08-31-preview 2018-11-30 2021-09-30-preview 2022-01-31-preview 2023-01-31 2023-07-31-preview 2024-11-30
    2025-01-31-preview 2025-05-31-preview`,
  "microsoft.operationalinsights": `
    2015-03-20 2015-11-01-preview 2017-01-01-preview 2017-03-03-preview 2017-03-15-preview 2017-04-26-preview
    2019-08-01-preview 2020-03-01-preview 2020-08-01 2020-10-01 2021-06-01 2021-12-01-preview 2022-10-01 2023-09-01
    2025-02-01 2025-07-01`,
  "microsoft.resources": `
    2014-01-01 2014-04-01 2014-04-01-preview 2014-06-01 2015-01-01 2015-11-01 2016-02-01 2016-06-01 2016-07-01
    2016-09-01 2017-03-01 2017-05-10 2017-06-01 2017-08-01 2018-01-01 2018-02-01 2018-05-01 2018-06-01 2018-07-01
    2018-08-01 2018-09-01 2018-11-01 2018-12-01 2019-03-01 2019-05-01 2019-05-10 2019-06-01 2019-08-01 2019-10-01
    2019-11-01 2020-01-01 2020-05-01 2020-06-01 2020-08-01 2020-10-01 2021-01-01 2021-04-01 2021-10-01 2022-01-01
    2022-09-01 2022-12-01 2023-07-01 2024-03-01 2024-07-01 2024-08-01 2024-11-01 2025-03-01 2025-04-01`,
  "microsoft.storage": `
    2015-05-01-preview 2015-06-15 2016-01-01 2016-05-01 2016-12-01 2017-06-01 2017-10-01 2018-02-01
    2018-03-01-preview 2018-07-01 2018-11-01 2019-04-01 2019-06-01 2020-08-01-preview 2021-01-01 2021-02-01
    2021-04-01 2021-05-01 2021-06-01 2021-08-01 2021-09-01 2022-05-01 2022-09-01 2023-01-01 2023-04-01 2023-05-01
    2024-01-01 2025-01-01 2025-06-01 2025-08-01 2026-04-01`,
};

/**
 * Lets a request pass whose API version ARM has for what the path names.
 *
 * @throws {ArmError} 400 with ARM's text, which names the existing versions.
 */
export function checkApiVersion(path: ArmPath, apiVersion: string): void {
  const known = versions[(path.namespace ?? "microsoft.resources").toLowerCase()]?.trim().split(/\s+/);
  if (known === undefined || known.includes(apiVersion.toLowerCase())) return;
  const supported = `'${known.join(", ")}'`;
  if (path.namespace === undefined) {
    throw badRequest(
      `The api-version '${apiVersion}' is invalid. The supported versions are ${supported}.`,
      "InvalidApiVersionParameter",
    );
  }
  const type = path.types.join("/");
  if (
    findType(`${path.namespace}/${type}`)?.location === "region" &&
    parseScope(path.scope).resourceGroupName !== undefined
  ) {
    throw badRequest(
      `No registered resource provider found for API version '${apiVersion}' for type '${type}'. ` +
        `The supported api-versions are ${supported}.`,
      "NoRegisteredProviderFound",
    );
  }
  throw new ArmError(
    400,
    "InvalidResourceType",
    `The resource type '${type}' could not be found in the namespace '${path.namespace}' for api version ` +
      `'${apiVersion}'. The supported api-versions are ${supported}.`,
  );
}
