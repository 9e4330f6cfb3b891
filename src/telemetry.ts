/**
 * What the service tells its operator: typed events, as one structured console line each and, where the binding EVENTS
 * is configured, as points of Analytics Engine. No field can hold a token, a number, a name or a text (S16).
 */
import type { HttpErrorCode } from './protocol/errors.ts'

type Outcome = 'ok' | HttpErrorCode

/** Everything that is ever recorded. */
export type TelemetryEvent =
  | { event: 'code_requested'; outcome: Outcome }
  | { event: 'signed_in'; outcome: Outcome }
  | { event: 'session_refreshed'; outcome: Outcome }
  | { event: 'signed_out' }
  | { event: 'link'; step: 'scanned' | 'approved' | 'declined'; outcome: Outcome }
  /** An operator's command; `none` where it was not looked at. */
  | { event: 'operator'; what: 'devices' | 'sessions' | 'all' | 'none'; outcome: Outcome }
  | { event: 'socket_refused'; reason: 'origin_not_allowed' | 'rate_limited' | 'not_linked' }
  /** A call from one object to another threw; it is repeated by whoever made it. */
  | {
      event: 'call_failed'
      call:
        | 'addDevice'
        | 'connectDevice'
        | 'deviceRequests'
        | 'push'
        | 'end'
        | 'deliver'
        | 'claim'
        | 'typedCodeWasRight'
      error: string
    }
  | { event: 'fault'; error: string; method: string; route: string }

/** Records one event. Never throws: a lost count is not worth a failed request. */
export function record(env: object, event: TelemetryEvent): void {
  const line = JSON.stringify(event)
  if (event.event === 'fault' || event.event === 'call_failed') console.error(line)
  else console.log(line)
  const { event: name, ...fields } = event
  try {
    datasetOf(env)?.writeDataPoint({ indexes: [name], blobs: [name, ...Object.values(fields)], doubles: [1] })
  } catch {
    console.error(JSON.stringify({ event: 'telemetry_lost' }))
  }
}

/** The name of a thrown thing's class, never its message: that may quote what a client sent. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

/** The binding is commented out in wrangler.toml, as Analytics Engine must be enabled by hand on an account. */
function datasetOf(env: object): AnalyticsEngineDataset | undefined {
  return (env as { EVENTS?: AnalyticsEngineDataset }).EVENTS
}
