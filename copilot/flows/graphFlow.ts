import { graphResource, type GraphRequest } from "../../core/permissions/graphRequest";
import { graphAnswer, graphCallActions } from "../../core/agent/graphCall";
import type { ArtefactNames } from "../names";
import { readSecret, readSecretAction, secretExpression } from "./readSecret";
import { parameterExpression, respondToTopic, workflowFile, type FlowOutput } from "./workflow";

const variables = {
  answer: "Topic.Answer",
  count: "Topic.Count",
  problem: "Topic.Problem",
  code: "Topic.ProblemCode",
};

/** What the flow "Ask Microsoft Graph" hands to its topic, be it that it asks by itself or by the Logic App. */
export function graphFlowOutputs({ field }: GraphRequest): FlowOutput[] {
  return graphAnswer(field).map(({ property, description }) => ({
    property,
    title: property,
    description,
    variable: variables[property],
  }));
}

/**
 * The flow "Ask Microsoft Graph": the platform signs in by itself (`ActiveDirectoryOAuth`), so that no token exists in
 * the flow at all, and only one field of the answer leaves it.
 */
export function graphFlow(names: ArtefactNames, request: GraphRequest): object {
  const { tenantId, clientId, clientSecret } = names.variables;
  const respond = respondToTopic(graphFlowOutputs(request));
  return workflowFile(
    names.dataverse,
    [
      { variable: tenantId, defaultValue: "" },
      { variable: clientId, defaultValue: "" },
    ],
    {
      ...readSecret(clientSecret, respond),
      ...graphCallActions({
        runAfter: { [readSecretAction]: ["Succeeded"] },
        path: request.path,
        field: `'${request.field}'`,
        fieldText: request.field,
        authentication: {
          type: "ActiveDirectoryOAuth",
          authority: "https://login.microsoftonline.com",
          tenant: `@${parameterExpression(tenantId)}`,
          audience: graphResource,
          clientId: `@${parameterExpression(clientId)}`,
          secret: `@${secretExpression}`,
        },
        respond,
      }),
    },
  );
}
