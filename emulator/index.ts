// What other projects import: the emulated tenant, served or as a function.
export { startTenant, type EmulatedTenant, type StartTenantOptions } from "./startTenant";
export { azure } from "./server/azure";
export { createTenant, type Tenant, type TenantOptions, type TenantState } from "./tenant/tenant";
export { runningClock, type Clock } from "./tenant/clock";
export type { FaultPlan } from "./server/faults";
export type { Identities, Identity } from "./tenant/seed";
export type { SignIn } from "./server/environment";
export { EmulatorError } from "./errors";
