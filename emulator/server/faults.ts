/** The faults of Azure that the emulated tenant shows. All are off by default. */
export interface FaultPlan {
  /** Makes a plan with chances reproducible. Default 1. */
  readonly seed?: number;
  /** New directory objects answer 404 at first, replica by replica. */
  readonly graphLag?: { readonly seconds?: number; readonly reads?: number; readonly replicas?: number };
  /** New client secrets are refused at the token endpoint at first; `flapping`: replicas differ until the end. */
  readonly secretLag?: { readonly seconds: number; readonly flapping?: boolean; readonly code?: string };
  /** New role assignments do not count at a vault's data plane for so long. */
  readonly rbacLagSeconds?: number;
  /** ARM's slow path: long-running operations answer 201 or 202 and are done after one poll "in progress". */
  readonly armAsync?: boolean;
  /** The address that a vault's firewall sees. Default `127.0.0.1`. */
  readonly callerAddress?: string;
  /** Every nth request to a service is answered 429, 5xx, late or not at all. */
  readonly disturbances?: readonly Disturbance[];
}

export type ServiceName = "entra" | "graph" | "arm" | "keyVault";

export interface Disturbance {
  readonly service: ServiceName;
  /** Only paths that contain this. */
  readonly path?: string;
  readonly method?: string;
  /** Every nth matching request. Default 1: all. */
  readonly every?: number;
  /** Stop after so many. Default: never. */
  readonly times?: number;
  readonly action:
    | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
    | { readonly kind: "drop" }
    /** The service does what it is asked, and its answer never arrives. */
    | { readonly kind: "lost" }
    | { readonly kind: "slow"; readonly milliseconds: number };
}
