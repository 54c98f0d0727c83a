import { json } from "../server/http";
import { writeApplications } from "./access";
import { applicationEntity } from "./applicationForm";
import { applications } from "./applications";
import { insert } from "./entitySet";
import { notFound } from "./graphError";
import { entityResponse, listResponse, type Entity } from "./listing";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";
import { servicePrincipalEntity } from "./servicePrincipalForm";
import { servicePrincipals } from "./servicePrincipals";

const entitySet = "applicationTemplates";

/**
 * The gallery of applications, of which the emulated tenant has two.
 *
 * @see https://learn.microsoft.com/graph/api/resources/applicationtemplate (read 2026-11)
 */
export const applicationTemplateRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: entitySet,
    allowedBy: "anyone",
    handle: (context) =>
      listResponse(
        context,
        templates.map(({ shown }) => shown),
        { entitySet },
      ),
  },
  {
    method: "GET",
    pattern: `${entitySet}/{template}`,
    allowedBy: "anyone",
    handle: (context) => entityResponse(context, requireTemplate(context).shown, { entitySet }),
  },
  {
    method: "POST",
    pattern: `${entitySet}/{template}/instantiate`,
    allowedBy: writeApplications,
    handle: instantiate,
  },
];

interface Template {
  readonly shown: Entity;
  /** What an application made by it has from the beginning. */
  readonly appRoles: readonly object[];
}

/** What every gallery application lets a user have. */
const userRole = (id: string): object => ({
  allowedMemberTypes: ["User"],
  description: "msiam_access",
  displayName: "msiam_access",
  id,
  isEnabled: true,
  origin: "Application",
  value: null,
});

const templates: readonly Template[] = [
  {
    shown: template("8adf8e6e-67b2-4cf2-a259-e3dc5476c621", {
      displayName: "Custom",
      publisher: null,
      homePageUrl: null,
      supportedSingleSignOnModes: [],
      categories: [],
      description: "Develop an app that is not in the gallery.",
    }),
    appRoles: [],
  },
  {
    shown: template("4601ed45-8ff3-4599-8377-b6649007e876", {
      displayName: "Marketo",
      publisher: "Marketo",
      homePageUrl: "https://www.marketo.com/",
      supportedSingleSignOnModes: ["saml", "password"],
      categories: ["marketing", "crm"],
      description: "Marketing automation.",
    }),
    appRoles: [userRole("dfd0e7dd-26fb-4b2c-98d2-e444486c1e37")],
  },
];

function template(id: string, properties: Entity): Entity {
  const logoUrl = `https://galleryapplogos1.azureedge.net/app-logo/${id}.png`;
  return { id, logoUrl, supportedProvisioningTypes: [], informationalUrls: null, ...properties };
}

function requireTemplate(context: GraphContext): Template {
  const id = parameter(context, "template");
  const found = templates.find(({ shown }) => shown["id"] === id.toLowerCase());
  if (found === undefined) throw notFound(id);
  return found;
}

/** @see https://learn.microsoft.com/graph/api/applicationtemplate-instantiate (read 2026-11) */
async function instantiate(context: GraphContext): Promise<Response> {
  const body = await readBody(context);
  const { shown, appRoles } = requireTemplate(context);
  const { displayName = shown["displayName"] } = body;
  const { tenant } = context;
  const fromTemplate = { applicationTemplateId: shown["id"] };
  const application = insert(applications, context, { ...fromTemplate, displayName, appRoles });
  const tags = ["WindowsAzureActiveDirectoryIntegratedApp"];
  const servicePrincipal = insert(servicePrincipals, context, {
    ...fromTemplate,
    appId: application.appId,
    tags,
  });
  return json(201, {
    "@odata.context": odataContext(context, "microsoft.graph.applicationServicePrincipal"),
    application: applicationEntity(application, tenant),
    servicePrincipal: servicePrincipalEntity(servicePrincipal),
  });
}
