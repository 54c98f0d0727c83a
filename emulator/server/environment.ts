import { pemCertificate } from "../pemCertificate";
import type { Cloud } from "../tenant/clouds";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rootCertificates } from "node:tls";

type Variables = Readonly<Record<string, string | undefined>>;

/** Paths of the CA files that {@link writeCaFiles} wrote. */
export interface CaFiles {
  /** Only the emulator's CA, for programs that add it to their own: Node. */
  readonly extraCaFile: string;
  /** The emulator's CA and the system's roots, for programs that then trust nothing else: Go, Python, curl. */
  readonly bundleFile: string;
  /** Where the Azure CLI keeps what it knows of this server, in a folder for each identity. */
  readonly azureFolder: string;
}

export interface EnvironmentOptions {
  readonly proxyUrl: string;
  readonly caFiles: CaFiles;
  /** What the child would inherit; usually `process.env`. */
  readonly base: Variables;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Default: the public one, which programs take without a variable. */
  readonly cloud?: Cloud;
  /** Who the child can be, see {@link signInVariables}. Without any it gets no credentials at all. */
  readonly signIns?: readonly SignIn[];
  /** The project's folder; sign-in caches and Pulumi's state go below its `.copilot-token`. */
  readonly projectDir: string;
}

/** An identity that a process can sign in as: with a secret, or with a token of its environment. */
export type SignIn = ClientSecretSignIn | WorkloadSignIn | WorkflowSignIn;

/** A service principal with a secret of its own. */
export interface ClientSecretSignIn {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Code that runs in Azure, such as on App Service: it asks a local endpoint for tokens of managed identities. */
export interface WorkloadSignIn {
  readonly identityEndpoint: string;
  readonly identityHeader: string;
  /** Of the identity to take where the code names none. */
  readonly clientId?: string;
}

/** A job of GitHub Actions, which signs in by GitHub's assertions. */
export interface WorkflowSignIn {
  /** What GitHub sets for the job. */
  readonly jobVariables: Readonly<Record<string, string>>;
  /** Of the application or managed identity to sign in as; without one the job has to name it. */
  readonly clientId?: string;
}

/** Folder for all files of local runs, inside the project's folder. */
export const localFolder = ".copilot-token";

/**
 * Object ID of the verifier of a local run with `--keep`: where the inline engine runs its program again, this one stays
 * among the vault's readers.
 */
export const keptReaderVariable = "COPILOT_TOKEN_KEPT_READER";

const loopback = "localhost,127.0.0.1,::1";

/** Where Linux distributions keep the system's roots, in the order in which Go looks. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The whole environment of a process that can reach only the emulated Azure: proxy and CA for every kind of client, the
 * identity, and folders of its own. Variables that point at a real Azure are removed.
 */
export function emulatedEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { proxyUrl, caFiles, signIns = [], tenantId, subscriptionId } = options;
  const folder = join(options.projectDir, localFolder);
  return {
    ...withoutAzure(options.base),
    // What the inline engine and its providers want to see before they send anything.
    COPILOT_TOKEN_EMULATOR: proxyUrl,
    HTTPS_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    http_proxy: proxyUrl,
    NO_PROXY: loopback,
    no_proxy: loopback,
    NODE_EXTRA_CA_CERTS: caFiles.extraCaFile,
    ...nodeProxyVariables(options.base),
    SSL_CERT_FILE: caFiles.bundleFile,
    REQUESTS_CA_BUNDLE: caFiles.bundleFile,
    CURL_CA_BUNDLE: caFiles.bundleFile,
    ARM_TENANT_ID: tenantId,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    AZURE_TENANT_ID: tenantId,
    AZURE_SUBSCRIPTION_ID: subscriptionId,
    ...cloudVariables(options.cloud),
    ...signInVariables(signIns),
    AZURE_CONFIG_DIR: azureConfigFolder(caFiles, signIns),
    AZURE_CORE_COLLECT_TELEMETRY: "false",
    PULUMI_HOME: join(folder, "pulumi"),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    // Protects only secrets of a tenant that exists on this machine.
    PULUMI_CONFIG_PASSPHRASE: "emulated",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/** By what Pulumi's providers and the libraries of Azure choose a cloud. */
function cloudVariables(cloud: Cloud | undefined): Record<string, string> {
  if (cloud === undefined || cloud.name === "public") return {};
  return {
    ARM_ENVIRONMENT: cloud.name === "usgovernmentdod" ? "usgovernmentl5" : cloud.name,
    AZURE_AUTHORITY_HOST: cloud.authority,
  };
}

/** The Azure CLI's folder of the identity that a process signs in as by a secret. */
export function azureConfigFolder({ azureFolder }: CaFiles, signIns: readonly SignIn[]): string {
  const identity = signIns.find((signIn) => "clientSecret" in signIn);
  return join(azureFolder, identity?.clientId ?? "other");
}

/**
 * Makes the built-in `fetch` of Node.js heed the proxy: newer versions by a variable, older ones by a module that
 * `NODE_OPTIONS` loads, where this runs from a build that has it.
 */
function nodeProxyVariables(base: Variables): Record<string, string> {
  const module = join(__dirname, "nodeProxy.js");
  const options = [
    base["NODE_OPTIONS"],
    ...(existsSync(module) ? [`--require ${JSON.stringify(module)}`] : []),
  ];
  const given = options.filter((option) => option !== undefined && option !== "").join(" ");
  return { NODE_USE_ENV_PROXY: "1", ...(given === "" ? {} : { NODE_OPTIONS: given }) };
}

/**
 * The variables by which a process signs in as one of several, such as a job that also runs where managed identities
 * are: a variable that two of them need is the first one's.
 */
export function signInVariables(signIns: readonly SignIn[]): Record<string, string> {
  return Object.assign({}, ...signIns.map(variablesOf).reverse()) as Record<string, string>;
}

function variablesOf(signIn: SignIn): Readonly<Record<string, string>> {
  if ("clientSecret" in signIn) {
    return {
      ARM_CLIENT_ID: signIn.clientId,
      ARM_CLIENT_SECRET: signIn.clientSecret,
      AZURE_CLIENT_ID: signIn.clientId,
      AZURE_CLIENT_SECRET: signIn.clientSecret,
    };
  }
  if ("identityEndpoint" in signIn) {
    return {
      IDENTITY_ENDPOINT: signIn.identityEndpoint,
      IDENTITY_HEADER: signIn.identityHeader,
      ...(signIn.clientId === undefined ? {} : { AZURE_CLIENT_ID: signIn.clientId }),
    };
  }
  return {
    ...signIn.jobVariables,
    ARM_USE_OIDC: "true",
    ...(signIn.clientId === undefined ? {} : { ARM_CLIENT_ID: signIn.clientId }),
  };
}

/**
 * Writes the CA files, readable only by their owner, and makes the folders that {@link emulatedEnvironment} names.
 *
 * @param base The environment whose own extra roots stay trusted, such as a company's proxy.
 */
export async function writeCaFiles(projectDir: string, caPem: string, base: Variables): Promise<CaFiles> {
  const folder = join(projectDir, localFolder);
  for (const name of ["pulumi", "state"]) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  }
  // Each server has a CA of its own, and several may run at once.
  const name = createHash("sha256").update(caPem).digest("hex").slice(0, 12);
  const caFiles = {
    extraCaFile: join(folder, `ca-${name}.pem`),
    bundleFile: join(folder, `ca-${name}-bundle.pem`),
    azureFolder: join(folder, `azure-${name}`),
  };
  const inherited = await readFirst([base["NODE_EXTRA_CA_CERTS"]]);
  const roots = await readFirst([base["SSL_CERT_FILE"], ...systemBundles]);
  const extra = inherited === undefined ? undefined : withoutBundledRoots(inherited);
  await writeFile(caFiles.extraCaFile, joinPem([caPem, extra]), { mode: 0o600 });
  await writeFile(caFiles.bundleFile, joinPem([caPem, roots ?? rootCertificates.join("\n")]), {
    mode: 0o600,
  });
  return caFiles;
}

/** Takes the files of a server away again, when it has closed. */
export async function removeCaFiles({ extraCaFile, bundleFile, azureFolder }: CaFiles): Promise<void> {
  const files = [extraCaFile, bundleFile, azureFolder];
  await Promise.all(files.map((path) => rm(path, { force: true, recursive: true })));
}

/** Drops what could lead to a real Azure or around the proxy, in any spelling: Windows ignores case. */
function withoutAzure(base: Variables): Record<string, string> {
  const dropped =
    /^(?:ARM|AZURE|MSI|IDENTITY|IMDS|ACTIONS_ID_TOKEN|AZD)_|^(?:ALL|HTTPS|HTTP|NO)_PROXY$|^PULUMI_ACCESS_TOKEN$|^PULUMI_CONFIG_PASSPHRASE/i;
  return Object.fromEntries(
    Object.entries(base).flatMap(([name, value]) =>
      value === undefined || dropped.test(name) || name.toUpperCase() === keptReaderVariable
        ? []
        : [[name, value]],
    ),
  );
}

async function readFirst(paths: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (path === undefined || path === "") continue;
    try {
      return await readFile(path, "utf8");
    } catch {
      // Named but not there: the program itself would go on without it.
    }
  }
  return undefined;
}

/**
 * Removes the certificates that Node.js has built in. Each process reads the file at its start, which takes 20 ms when the
 * file has all roots of the system.
 */
function withoutBundledRoots(pem: string): string {
  const base64 = (certificate: string): string => certificate.replace(/\s+/g, "");
  const bundled = new Set(rootCertificates.map(base64));
  const withLineEnd = new RegExp(`${pemCertificate.source}\\r?\\n?`, "g");
  return pem.replace(withLineEnd, (certificate) => (bundled.has(base64(certificate)) ? "" : certificate));
}

function joinPem(parts: readonly (string | undefined)[]): string {
  return parts.flatMap((part) => (part === undefined ? [] : [`${part.trimEnd()}\n`])).join("");
}
