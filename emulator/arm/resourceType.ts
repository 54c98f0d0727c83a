import type { ArmResource, Tenant } from "../tenant/tenant";
import type { Caller } from "../entra/tokens";
import type { ArmRequest } from "./armRequest";

/** What a resource provider is given to make or change a resource. */
export interface ResourceChange {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly now: Date;
  readonly apiVersion: string;
  readonly id: string;
  readonly name: string;
  /** The resource that it hangs on, for an extension; otherwise its resource group. */
  readonly scope: string;
  readonly location: string | undefined;
  /** The whole body, as it was sent (or, after a PATCH, as it adds up). */
  readonly body: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The resource as it was; absent when this makes it. */
  readonly existing: ArmResource | undefined;
  /** For a nested type. */
  readonly parent: ArmResource | undefined;
}

/** What a provider decides: `properties`, and its other fields at the top level. */
export type ResourceContent = Pick<ArmResource, "properties"> & Record<string, unknown>;

/** How one type of resource behaves beyond what all have in common. */
export interface ResourceType {
  /** Canonical spelling, such as `Microsoft.KeyVault/vaults`. */
  readonly type: string;
  /** `extension`: hangs on any resource or scope. Nested types are found by their slashes. */
  readonly placement: "resourceGroup" | "extension";
  /** `region`: required and checked; `global`: required; `none`: the type has no location. */
  readonly location: "region" | "global" | "none";
  /** The successful PUT's statuses. Default: 201 for a new one, then 200. */
  readonly putStatus?: { readonly created: 200 | 201; readonly updated: 200 | 201 };
  /** Whether Azure may answer PUT and DELETE with an operation to poll. Default: at once, always. */
  readonly longRunning?: boolean;
  /** Collection of the operation by which a new one is always polled. Default: by reading the resource. */
  readonly polledAt?: "operations";
  /** Names that it takes; others are refused with `nameRule` as the message. Default: any. */
  readonly namePattern?: RegExp;
  readonly nameRule?: (name: string) => string;
  /** Judges a change and says what the resource then holds. May change the directory or a vault with it. */
  readonly build: (change: ResourceChange) => ResourceContent | Promise<ResourceContent>;
  /**
   * What a new one's first answer shows, where it differs from the resource; may change the resource as well.
   *
   * @param properties As they were sent.
   */
  readonly made?: (resource: ArmResource, properties: Readonly<Record<string, unknown>>) => ArmResource;
  /** Goes on with what is under way, after each read of the resource. */
  readonly wasRead?: (resource: ArmResource) => void;
  /** Tidies up once the resource is gone. */
  readonly removed?: (tenant: Tenant, resource: ArmResource) => void;
  /** POST operations on the resource by lower-case path below it, such as `listkeys`. */
  readonly act?: (
    resource: ArmResource,
    action: readonly string[],
    request: ArmRequest,
  ) => Response | undefined;
}
