import { graphAnswer, graphCallActions } from "../../core/agent/graphCall";
import { problemCodes } from "../../core/agent/problemCodes";
import type { Respond, WorkflowAction } from "../../core/agent/workflowFailure";
import type { Cloud } from "../../core/cloud/clouds";
import type { ArtefactNames } from "../names";
import { answerText, separator, serviceName, type AgentRequest } from "../requests/agentRequest";
import { inputProperty } from "../requests/encoding";
import { checkAction, flowAnswer, flowBody, flowPath, inputsFit } from "../requests/flowRequest";
import { readSecret, readSecretAction, secretExpression } from "./readSecret";
import {
  parameterExpression,
  respondToTopic,
  workflowFile,
  type FlowInput,
  type FlowOutput,
} from "./workflow";

const variables = {
  answer: "Topic.Answer",
  count: "Topic.Count",
  problem: "Topic.Problem",
  code: "Topic.ProblemCode",
};

/** What a flow that asks Microsoft Graph hands to its caller, be it that it asks by itself or by the Logic App. */
export function graphFlowOutputs(request: AgentRequest): FlowOutput[] {
  return graphAnswer(answerText(request)).map(({ property, description }) => ({
    property,
    title: property,
    description,
    variable: variables[property],
  }));
}

/** What it takes from its caller: every parameter of the request. */
export function graphFlowInputs(request: AgentRequest): FlowInput[] {
  return request.parameters.map(({ name, title, description }) => ({
    property: inputProperty(request, name),
    title,
    description,
  }));
}

/**
 * A flow that makes one request of Microsoft Graph or of another API: the platform signs in by itself (`ActiveDirectoryOAuth`), so that no
 * token exists in the flow at all, and only the request's fields leave it.
 */
export function graphFlow({ authority, graph }: Cloud, names: ArtefactNames, request: AgentRequest): object {
  const { tenantId, clientId, clientSecret } = names.variables;
  const api = request.api === undefined ? undefined : names.ofApi(request.api.name);
  const respond = respondToTopic(graphFlowOutputs(request));
  const inputs = graphFlowInputs(request);
  const body = flowBody(request);
  return workflowFile(
    names.dataverse,
    [
      { variable: tenantId, defaultValue: "" },
      { variable: clientId, defaultValue: "" },
      ...(api === undefined ? [] : [api.scope, api.baseUrl]).map((variable) => ({
        variable,
        defaultValue: "",
      })),
    ],
    {
      ...(inputs.length === 0 ? {} : checkInputs(request, inputs, respond)),
      ...readSecret(clientSecret, respond, inputs.length === 0 ? {} : { [checkAction]: ["Succeeded"] }),
      ...graphCallActions({
        graph,
        runAfter: { [readSecretAction]: ["Succeeded"] },
        api: api && { name: serviceName(request), baseUrl: `@{${parameterExpression(api.baseUrl)}}` },
        method: request.method,
        path: flowPath(request),
        ...(body === undefined ? {} : { body }),
        answer:
          request.change === undefined
            ? {
                select: flowAnswer(request),
                separator: separator(request),
                fieldText: request.fields.join(", "),
                list: request.list,
              }
            : { done: request.change.done },
        authentication: {
          type: "ActiveDirectoryOAuth",
          authority,
          tenant: `@${parameterExpression(tenantId)}`,
          // The platform asks for an audience, which is a scope without its end.
          audience:
            api === undefined ? graph : `@{replace(${parameterExpression(api.scope)}, '/.default', '')}`,
          clientId: `@${parameterExpression(clientId)}`,
          secret: `@${secretExpression}`,
        },
        respond,
      }),
    },
    inputs,
  );
}

/** Lets the inputs through, all or none: Parse JSON fails for an object without them. */
function checkInputs(
  request: AgentRequest,
  inputs: readonly FlowInput[],
  respond: Respond,
): Record<string, WorkflowAction> {
  return {
    [checkAction]: {
      runAfter: {},
      type: "ParseJson",
      description: "Refuses inputs that could lead the request elsewhere.",
      inputs: {
        content: `@if(${inputsFit(request)}, triggerBody(), json('{}'))`,
        schema: {
          type: "object",
          properties: Object.fromEntries(inputs.map(({ property }) => [property, { type: "string" }])),
          required: inputs.map(({ property }) => property),
        },
      },
    },
    Respond_to_unfit_inputs: respond(
      { [checkAction]: ["Failed", "TimedOut"] },
      {
        problem: `One of these is empty, too long or has characters that it cannot have: ${inputs.map(({ title }) => title).join(", ")}`,
        code: problemCodes.unfitInput,
      },
    ),
  };
}
