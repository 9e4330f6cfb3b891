/** The stable error codes of the contract, with the HTTP status and title of each (RFC 9457). */

export const HTTP_ERRORS = {
  bad_request: { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'Sign in to do this' },
  code_invalid: { status: 401, title: 'That code is not right' },
  not_allowed: { status: 403, title: 'This is not allowed' },
  origin_not_allowed: { status: 403, title: 'This origin is not allowed' },
  match_failed: { status: 403, title: 'That is not the number on the screen' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  link_token_taken: { status: 409, title: 'Another phone is using this code' },
  link_not_scanned: { status: 409, title: 'Scan the code first' },
  too_many_devices: { status: 409, title: 'Too many devices are linked' },
  already_uploaded: { status: 409, title: 'This was uploaded already' },
  link_token_invalid: { status: 410, title: 'This code cannot be used' },
  payload_too_large: { status: 413, title: 'That is too large' },
  range_not_satisfiable: { status: 416, title: 'There is no such range' },
  upgrade_required: { status: 426, title: 'Open a WebSocket here' },
  rate_limited: { status: 429, title: 'Too many tries' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  misconfigured: { status: 500, title: 'The server is not set up correctly' },
  delivery_failed: { status: 502, title: 'The code could not be sent' },
  not_configured: { status: 503, title: 'The server cannot sign people in yet' },
} as const satisfies Record<string, { status: number; title: string }>

export type HttpErrorCode = keyof typeof HTTP_ERRORS

/** `application/problem+json` as every HTTP error of the service answers it. */
export interface Problem {
  type: string
  title: string
  status: number
  code: HttpErrorCode
  detail?: string
  /** With `match_failed`: how many tries the code still has. */
  triesLeft?: number
}

/** Codes of `error` frames on a socket, each with the words that go with it. */
export const FRAME_ERRORS = {
  bad_request: 'The frame is malformed',
  not_found: 'There is no such thing in this account',
  not_allowed: 'This is not allowed here',
  payload_too_large: 'That is too large',
  rate_limited: 'Too many tries',
  media_not_ready: 'The upload is not finished',
  internal: 'Something went wrong on our side',
  origin_not_allowed: 'This origin is not allowed',
} as const satisfies Record<string, string>

export type FrameErrorCode = keyof typeof FRAME_ERRORS
