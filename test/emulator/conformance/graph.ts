import type { Scenario, Step } from "./run";

const json =
  "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const apps = "graph/v1.0/applications";
const nobody = "00000000-1111-2222-3333-444444444444";
const role = (value: string, id: string): object => ({
  allowedMemberTypes: ["Application"],
  description: value,
  displayName: value,
  id,
  isEnabled: true,
  value,
});
const reader = role("Reader", "d1c2ade8-0000-0000-0000-6d06b947c66f");
const writer = role("Writer", "47fbb575-0000-0000-0000-0f7a6c30beac");
const origin = { origin: "Application" };

const makeApp: Step = {
  ask: `POST ${apps}`,
  body: { displayName: "App" },
  status: 201,
  saves: { app: "id", appId: "appId" },
};
const makePrincipal: Step = {
  ask: "POST graph/v1.0/servicePrincipals",
  body: { appId: "{appId}" },
  status: 201,
  saves: { principal: "id" },
};
const refusal = (body: object, code: string, has: object = {}): Step => ({
  ask: `POST ${apps}`,
  body: { displayName: "App", ...body },
  status: 400,
  code,
  has,
});

/** What Microsoft Graph answers. */
export const graphScenarios: readonly Scenario[] = [
  {
    name: "a new application has every property that Graph has, and an address of the directory behind Graph",
    basis: "recorded",
    steps: [
      {
        ...makeApp,
        answerHeaders: {
          "Content-Type": json,
          "OData-Version": "4.0",
          Location:
            /^https:\/\/graph\.microsoft\.com\/v2\/[\w-]{36}\/directoryObjects\/[\w-]{36}\/Microsoft\.DirectoryServices\.Application$/,
        },
        has: {
          "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity",
          deletedDateTime: null,
          applicationTemplateId: null,
          disabledByMicrosoftStatus: null,
          description: null,
          groupMembershipClaims: null,
          identifierUris: [],
          isDeviceOnlyAuthSupported: null,
          isFallbackPublicClient: null,
          nativeAuthenticationApisEnabled: null,
          notes: null,
          publisherDomain: "contoso.onmicrosoft.com",
          serviceManagementReference: null,
          signInAudience: "AzureADMyOrg",
          tags: [],
          tokenEncryptionKeyId: null,
          uniqueName: null,
          samlMetadataUrl: null,
          defaultRedirectUri: null,
          certification: null,
          optionalClaims: null,
          servicePrincipalLockConfiguration: null,
          requestSignatureVerification: null,
          addIns: [],
          api: {
            acceptMappedClaims: null,
            knownClientApplications: [],
            requestedAccessTokenVersion: null,
            oauth2PermissionScopes: [],
            preAuthorizedApplications: [],
          },
          appRoles: [],
          keyCredentials: [],
          parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: "Allow" },
          passwordCredentials: [],
          publicClient: { redirectUris: [] },
          requiredResourceAccess: [],
          spa: { redirectUris: [] },
          web: {
            homePageUrl: null,
            logoutUrl: null,
            redirectUris: [],
            implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
            redirectUriSettings: [],
          },
        },
      },
      { ask: `DELETE ${apps}/{app}`, status: 204 },
      { ask: `GET ${apps}/{app}`, status: 404, code: "Request_ResourceNotFound" },
      { ask: "DELETE graph/v1.0/directory/deletedItems/{app}", status: 204 },
    ],
  },
  {
    name: "what is sent is completed, and lists that are sets are read back from the last to the first",
    basis: "recorded",
    steps: [
      {
        ask: `POST ${apps}`,
        body: {
          displayName: "App",
          appRoles: [reader, writer],
          optionalClaims: { idToken: [{ name: "auth_time", essential: false }] },
          web: { redirectUris: ["http://localhost/one", "http://localhost/two"] },
          requiredResourceAccess: [
            {
              resourceAppId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
              resourceAccess: [{ id: "41094075-9dad-400e-a0bd-54e686782033", type: "Scope" }],
            },
            {
              resourceAppId: "00000003-0000-0000-c000-000000000000",
              resourceAccess: [
                { id: "c79f8feb-a9db-4090-85f9-90d820caa0eb", type: "Scope" },
                { id: "18a4783c-866b-4cc7-a460-3d5e5662c884", type: "Role" },
              ],
            },
          ],
        },
        status: 201,
        has: {
          appRoles: [
            { ...reader, ...origin },
            { ...writer, ...origin },
          ],
          optionalClaims: {
            accessToken: [],
            idToken: [{ additionalProperties: [], essential: false, name: "auth_time", source: null }],
            saml2Token: [],
          },
          web: {
            redirectUris: ["http://localhost/one", "http://localhost/two"],
            redirectUriSettings: [
              { uri: "http://localhost/one", index: null },
              { uri: "http://localhost/two", index: null },
            ],
          },
        },
        saves: { app: "id" },
      },
      {
        ask: `GET ${apps}/{app}`,
        status: 200,
        has: {
          appRoles: [
            { ...writer, ...origin },
            { ...reader, ...origin },
          ],
          web: {
            redirectUris: ["http://localhost/two", "http://localhost/one"],
            redirectUriSettings: [
              { uri: "http://localhost/two", index: null },
              { uri: "http://localhost/one", index: null },
            ],
          },
          requiredResourceAccess: [
            {
              resourceAppId: "00000003-0000-0000-c000-000000000000",
              resourceAccess: [
                { id: "c79f8feb-a9db-4090-85f9-90d820caa0eb", type: "Scope" },
                { id: "18a4783c-866b-4cc7-a460-3d5e5662c884", type: "Role" },
              ],
            },
            { resourceAppId: "797f4846-ba00-4fd7-ba43-dac1f8f63013" },
          ],
        },
      },
    ],
  },
  {
    name: "a certificate is named by its subject and thumbprint, and never shown",
    basis: "recorded",
    steps: [
      {
        ask: `POST ${apps}`,
        body: {
          displayName: "App",
          keyCredentials: [
            {
              "@odata.type": "#microsoft.graph.keyCredential",
              key: "{certificate}",
              type: "AsymmetricX509Cert",
              usage: "Verify",
            },
          ],
        },
        status: 201,
        has: {
          keyCredentials: [
            {
              customKeyIdentifier: "{thumbprint}",
              displayName: "CN=accounts.accesscontrol.windows.net",
              key: null,
              type: "AsymmetricX509Cert",
              usage: "Verify",
            },
          ],
        },
        lacks: ["keyCredentials.0.@odata.type"],
        saves: { app: "id", keyId: "keyCredentials.0.keyId" },
      },
      {
        // By its ID alone it stays.
        ask: `PATCH ${apps}/{app}`,
        body: { keyCredentials: [{ keyId: "{keyId}", type: "AsymmetricX509Cert", usage: "Verify" }] },
        status: 204,
      },
      {
        ask: `GET ${apps}/{app}`,
        status: 200,
        has: { keyCredentials: [{ customKeyIdentifier: "{thumbprint}", keyId: "{keyId}", key: null }] },
      },
    ],
  },
  {
    name: "a client secret can come with a new application, and its text is told once",
    basis: "documented",
    steps: [
      {
        ask: `POST ${apps}`,
        body: { displayName: "App", passwordCredentials: [{ displayName: "first" }] },
        status: 201,
        has: {
          passwordCredentials: [
            { displayName: "first", customKeyIdentifier: null, endDateTime: "2028-11-22T10:00:00Z" },
          ],
        },
        saves: { app: "id", secret: "passwordCredentials.0.secretText" },
      },
      { ask: `GET ${apps}/{app}`, status: 200, has: { passwordCredentials: [{ secretText: null }] } },
    ],
  },
  {
    name: "a change may send the object's own ID back, and {} empties a property without parts of its own",
    basis: "recorded",
    steps: [
      {
        ...makeApp,
        body: { displayName: "App", optionalClaims: { idToken: [{ name: "email" }] } },
      },
      { ask: `PATCH ${apps}/{app}`, body: { id: "{app}", notes: "mine", optionalClaims: {} }, status: 204 },
      {
        ask: `GET ${apps}/{app}`,
        status: 200,
        has: { notes: "mine", optionalClaims: { accessToken: [], idToken: [], saml2Token: [] } },
      },
      { ask: `PATCH ${apps}/{app}`, body: { id: nobody }, status: 400, code: "Request_BadRequest" },
    ],
  },
  {
    name: "an enabled role or scope stays as it is until it is disabled",
    basis: "reported",
    steps: [
      {
        ...makeApp,
        body: {
          displayName: "App",
          appRoles: [reader],
          api: { oauth2PermissionScopes: [{ ...writer, type: "User" }] },
        },
      },
      ...[
        { appRoles: [] },
        { appRoles: [{ ...reader, value: "Other" }] },
        { api: { oauth2PermissionScopes: [] } },
        { api: { oauth2PermissionScopes: [{ ...writer, type: "User", value: "Other" }] } },
      ].map((body): Step => ({
        ask: `PATCH ${apps}/{app}`,
        body,
        status: 400,
        code: "CannotDeleteOrUpdateEnabledEntitlement",
        has: {
          error: {
            message: "Permission (scope or role) cannot be deleted or updated unless disabled first.",
          },
        },
      })),
      { ask: `PATCH ${apps}/{app}`, body: { appRoles: [{ ...reader, isEnabled: false }] }, status: 204 },
      { ask: `PATCH ${apps}/{app}`, body: { appRoles: [] }, status: 204 },
    ],
  },
  {
    name: "values of roles and scopes, and IDs, are there once",
    basis: "reported",
    steps: [
      refusal({ appRoles: [reader, { ...writer, value: "Reader" }] }, "DuplicateValue", {
        error: {
          message: "Request contains a property with duplicate values.",
          details: [{ code: "DuplicateValue", target: "appRoles" }],
        },
      }),
      refusal({ appRoles: [reader, { ...reader, value: "Other" }] }, "DuplicateValue"),
      refusal(
        {
          appRoles: [reader],
          api: { oauth2PermissionScopes: [{ ...writer, type: "User", value: "Reader" }] },
        },
        "DuplicateValue",
      ),
      refusal({ identifierUris: ["api://one", "api://one"] }, "DuplicateValue"),
      refusal(
        { web: { redirectUris: ["https://a"] }, spa: { redirectUris: ["https://a"] } },
        "DuplicateValue",
      ),
    ],
  },
  {
    name: "an application ID URI is a URI, lies in a verified domain where it is one of the web, and is one application's",
    basis: "reported",
    steps: [
      refusal({ identifierUris: ["https://unverified.example.com"] }, "HostNameNotOnVerifiedDomain", {
        error: {
          message:
            "Values of identifierUris property must use a verified domain of the organization or its subdomain: 'https://unverified.example.com'",
        },
      }),
      refusal({ identifierUris: ["no uri"] }, "Request_BadRequest"),
      {
        ask: `POST ${apps}`,
        body: {
          displayName: "App",
          identifierUris: [
            "https://contoso.onmicrosoft.com/app",
            "https://api.contoso.onmicrosoft.com",
            "api://one",
          ],
        },
        status: 201,
      },
      refusal({ identifierUris: ["api://one"] }, "Request_BadRequest", {
        error: {
          message: "Another object with the same value for property identifierUris already exists.",
          details: [{ code: "ObjectConflict", target: "identifierUris" }],
        },
      }),
    ],
  },
  {
    name: "a redirect URI that Entra does not take is refused",
    basis: "documented",
    steps: [
      ...[
        { web: { redirectUris: ["http://example.com"] } },
        { web: { redirectUris: ["relative/path"] } },
        { web: { redirectUris: ["https://example.com/#part"] } },
        { web: { redirectUris: ["https://example.com/*"] } },
        { web: { redirectUris: [`https://example.com/${"x".repeat(256)}`] } },
        { spa: { redirectUris: ["myapp://auth"] } },
      ].map((body) => refusal(body, "Request_BadRequest")),
      {
        ask: `POST ${apps}`,
        body: {
          displayName: "App",
          web: {
            redirectUris: [
              "http://localhost:3000/auth",
              "https://*.example.com/auth",
              "urn:ietf:wg:oauth:2.0:oob",
            ],
          },
          publicClient: { redirectUris: ["myapp://auth", "http://127.0.0.1"] },
          spa: { redirectUris: ["https://app.example.com/"] },
        },
        status: 201,
      },
    ],
  },
  {
    name: "federated credentials name their application, and no two trust the same subject",
    basis: "recorded",
    steps: [
      makeApp,
      {
        ask: `POST ${apps}/{app}/federatedIdentityCredentials`,
        body: {
          name: "build.example.com",
          issuer: "https://token.actions.githubusercontent.com",
          subject: "repo:contoso/agents:environment:production",
          audiences: ["api://AzureADTokenExchange"],
        },
        status: 201,
        has: {
          "@odata.context":
            "https://graph.microsoft.com/v1.0/$metadata#applications('{app}')/federatedIdentityCredentials/$entity",
          name: "build.example.com",
        },
        answerHeaders: { Location: /\/federatedIdentityCredentials\/[\w-]{36}$/ },
        saves: { credential: "id" },
      },
      {
        ask: `GET ${apps}/{app}/federatedIdentityCredentials/build.example.com`,
        status: 200,
        has: { id: "{credential}" },
      },
      {
        ask: `POST ${apps}/{app}/federatedIdentityCredentials`,
        body: {
          name: "again",
          issuer: "https://token.actions.githubusercontent.com",
          subject: "repo:contoso/agents:environment:production",
          audiences: ["api://AzureADTokenExchange"],
        },
        status: 400,
        code: "InvalidFederatedIdentityCredentialValue",
      },
      {
        ask: "POST graph/beta/applications/{app}/federatedIdentityCredentials",
        body: {
          name: "flexible",
          issuer: "https://token.actions.githubusercontent.com",
          audiences: ["api://AzureADTokenExchange"],
          claimsMatchingExpression: { value: "claims['sub'] matches 'repo:contoso/*'", languageVersion: 1 },
        },
        status: 201,
        has: { subject: null, claimsMatchingExpression: { languageVersion: 1 } },
      },
      {
        ask: `PATCH ${apps}/{app}/federatedIdentityCredentials/{credential}`,
        body: { subject: "other" },
        status: 204,
      },
      { ask: `DELETE ${apps}/{app}/federatedIdentityCredentials/{credential}`, status: 204 },
    ],
  },
  {
    name: "an application can be made and changed by a unique name",
    basis: "documented",
    steps: [
      {
        ask: `PATCH ${apps}(uniqueName='one')`,
        body: { displayName: "App" },
        status: 404,
        code: "Request_ResourceNotFound",
      },
      {
        ask: `PATCH ${apps}(uniqueName='one')`,
        headers: { Prefer: "create-if-missing" },
        body: { displayName: "App" },
        status: 201,
        has: { uniqueName: "one" },
      },
      {
        ask: `PATCH ${apps}(uniqueName='one')`,
        headers: { Prefer: "create-if-missing" },
        body: { displayName: "Other" },
        status: 204,
      },
      { ask: `GET ${apps}(uniqueName='one')`, status: 200, has: { displayName: "Other" } },
    ],
  },
  {
    name: "delegated permissions are granted once, under an ID made of both ends",
    basis: "recorded",
    steps: [
      makeApp,
      makePrincipal,
      {
        ask: "POST graph/v1.0/oauth2PermissionGrants",
        body: {
          clientId: "{principal}",
          consentType: "AllPrincipals",
          principalId: null,
          resourceId: "{graph}",
          scope: "Directory.Read.All",
        },
        status: 201,
        has: { consentType: "AllPrincipals", principalId: null, scope: "Directory.Read.All" },
        answerHeaders: { Location: /\/oauth2PermissionGrants\/[\w-]{43}$/ },
        saves: { grant: "id" },
      },
      {
        ask: "POST graph/v1.0/oauth2PermissionGrants",
        body: { clientId: "{principal}", consentType: "AllPrincipals", resourceId: "{graph}", scope: "" },
        status: 409,
        code: "Request_MultipleObjectsWithSameKeyValue",
      },
      {
        ask: "GET graph/v1.0/oauth2PermissionGrants?$filter=clientId eq '{principal}'",
        status: 200,
        has: { value: [{ id: "{grant}" }] },
      },
      { ask: "PATCH graph/v1.0/oauth2PermissionGrants/{grant}", body: { scope: "User.Read" }, status: 204 },
      { ask: "PATCH graph/v1.0/oauth2PermissionGrants/{grant}", body: { scope: "No.Such" }, status: 400 },
      { ask: "DELETE graph/v1.0/oAuth2PermissionGrants/{grant}", status: 204 },
      { ask: "GET graph/v1.0/oauth2PermissionGrants/{grant}", status: 404, code: "Request_ResourceNotFound" },
    ],
  },
  {
    name: "a principal takes the default role of an application that has none",
    basis: "documented",
    steps: [
      makeApp,
      makePrincipal,
      {
        ask: "POST graph/v1.0/servicePrincipals/{principal}/appRoleAssignedTo",
        body: {
          appRoleId: "00000000-0000-0000-0000-000000000000",
          principalId: "{user}",
          resourceId: "{principal}",
        },
        status: 201,
        has: { principalType: "User" },
        saves: { assignment: "id" },
      },
      {
        ask: "GET graph/v1.0/users/{user}/appRoleAssignments",
        status: 200,
        has: { value: [{ id: "{assignment}" }] },
      },
    ],
  },
  {
    name: "a person is made, found by sign-in name, and deleted, and shows little unless asked",
    basis: "recorded",
    steps: [
      {
        ask: "POST graph/v1.0/users",
        body: {
          accountEnabled: true,
          displayName: "Tester",
          mailNickname: "tester",
          passwordProfile: { password: "Test123456789", forceChangePasswordNextSignIn: false },
          userPrincipalName: "tester@contoso.onmicrosoft.com",
        },
        status: 201,
        has: {
          "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
          businessPhones: [],
          displayName: "Tester",
          givenName: null,
          jobTitle: null,
          mail: null,
          mobilePhone: null,
          officeLocation: null,
          preferredLanguage: null,
          surname: null,
          userPrincipalName: "tester@contoso.onmicrosoft.com",
        },
        lacks: ["accountEnabled", "passwordProfile", "mailNickname"],
        saves: { made: "id" },
      },
      {
        ask: "GET graph/v1.0/users/tester@contoso.onmicrosoft.com?$select=accountEnabled,id",
        status: 200,
        has: { accountEnabled: true, id: "{made}" },
      },
      { ask: "DELETE graph/v1.0/users/tester@contoso.onmicrosoft.com", status: 204 },
      {
        ask: "GET graph/v1.0/directory/deletedItems/graph.user",
        status: 200,
        has: { value: [{ id: "{made}" }] },
      },
    ],
  },
  {
    name: "a group is made with members, who are added, counted, told apart by type, and taken out",
    basis: "documented",
    steps: [
      {
        ask: "POST graph/v1.0/groups",
        body: {
          displayName: "Group",
          mailEnabled: false,
          mailNickname: "group",
          securityEnabled: true,
          "members@odata.bind": ["https://graph.microsoft.com/v1.0/directoryObjects/{user}"],
        },
        status: 201,
        saves: { group: "id" },
      },
      {
        ask: "POST graph/v1.0/groups/{group}/members/$ref",
        body: { "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/{me}" },
        status: 204,
      },
      {
        ask: "POST graph/v1.0/groups/{group}/members/$ref",
        body: { "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/{me}" },
        status: 400,
        code: "Request_BadRequest",
      },
      {
        ask: "GET graph/v1.0/groups/{group}/members/microsoft.graph.user",
        status: 200,
        has: { value: [{ id: "{user}" }] },
      },
      { ask: "GET graph/v1.0/users/{user}/memberOf?$select=id", status: 200 },
      { ask: "DELETE graph/v1.0/groups/{group}/members/{me}/$ref", status: 204 },
      { ask: "DELETE graph/v1.0/groups/{group}", status: 204 },
      { ask: "GET graph/v1.0/directory/deletedItems/{group}", status: 404 },
    ],
  },
  {
    name: "lists refuse or serve what a query asks, and ignore nothing",
    basis: "documented",
    steps: [
      { ask: `GET ${apps}?$count=true`, status: 200, lacks: ["@odata.count"] },
      { ask: `GET ${apps}?$skip=1`, status: 400, code: "Request_UnsupportedQuery" },
      { ask: `GET ${apps}?$search="displayName:App"`, status: 400, code: "Request_UnsupportedQuery" },
      { ask: `GET ${apps}/delta`, status: 501, code: "NotEmulated" },
      { ask: `GET ${apps}/delta()`, status: 501, code: "NotEmulated" },
      { ask: "GET graph/v1.0/directory/deletedItems/graph.device", status: 501, code: "NotEmulated" },
      { ask: `GET ${apps}/microsoft.graph.application`, status: 501, code: "NotEmulated" },
    ],
  },
];
