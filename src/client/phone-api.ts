/**
 * The phone's calls, each with a fresh access token: linking, linked devices, the account (contract, section 4).
 * A call that is refused as unauthorized is repeated once with a renewed token.
 */
import type { ApproveAnswer, DevicesAnswer, ScanAnswer } from '../protocol/http.ts'
import type { AccountCard, DeviceCard, DeviceDetail } from '../protocol/model.ts'
import { callPhone, type PhoneCall, type PhoneResult, type PhoneTransport } from './phone-http.ts'
import type { PhoneSession } from './phone-session.ts'

export interface ApproveOptions {
  /** The two digits on the screen, where the scan said that they are required. */
  match?: string
  /** What the device shall be called. */
  name?: string
}

export interface PhoneApi {
  /** Asks who stands behind a code. Links nothing. */
  scan: (code: { token: string } | { code: string }) => Promise<PhoneResult<ScanAnswer>>
  /** Repeated by the same phone it answers the same device. */
  approve: (token: string, options?: ApproveOptions) => Promise<PhoneResult<DeviceCard>>
  decline: (token: string) => Promise<PhoneResult<void>>
  devices: () => Promise<PhoneResult<DeviceDetail[]>>
  rename: (device: string, name: string) => Promise<PhoneResult<void>>
  unlink: (device: string) => Promise<PhoneResult<void>>
  unlinkAll: () => Promise<PhoneResult<void>>
  account: () => Promise<PhoneResult<AccountCard>>
  renameAccount: (name: string) => Promise<PhoneResult<void>>
  /** A picture that was uploaded on the stream; null takes the one that is shown away. */
  changeAvatar: (media: string | null) => Promise<PhoneResult<AccountCard>>
  /** Ends every device and session; what comes after is signed out. */
  deleteAccount: () => Promise<PhoneResult<void>>
  /** Everything of the account as a ZIP archive. */
  exportAccount: () => Promise<PhoneResult<Blob>>
}

/** Creates the calls over a session. No call throws. */
export function createPhoneApi(transport: PhoneTransport, session: PhoneSession): PhoneApi {
  async function call<T>(request: PhoneCall): Promise<PhoneResult<T>> {
    const token = await session.accessToken()
    if (!token.ok) return token
    const answer = await callPhone<T>(transport, { ...request, accessToken: token.value })
    if (answer.ok || answer.code !== 'unauthorized') return answer
    const renewed = await session.accessToken(token.value)
    return renewed.ok ? callPhone<T>(transport, { ...request, accessToken: renewed.value }) : renewed
  }

  return {
    scan: (body) => call({ method: 'POST', path: '/v1/link/scan', body }),

    async approve(token, options = {}) {
      const body = { token, ...options }
      const answer = await call<ApproveAnswer>({ method: 'POST', path: '/v1/link/approve', body })
      return answer.ok ? { ok: true, value: answer.value.device } : answer
    },

    decline: (token) => call({ method: 'POST', path: '/v1/link/decline', body: { token } }),

    async devices() {
      const answer = await call<DevicesAnswer>({ method: 'GET', path: '/v1/devices' })
      return answer.ok ? { ok: true, value: answer.value.devices } : answer
    },

    rename: (device, name) => call({ method: 'PATCH', path: pathOf(device), body: { name } }),
    unlink: (device) => call({ method: 'DELETE', path: pathOf(device) }),
    unlinkAll: () => call({ method: 'DELETE', path: '/v1/devices' }),
    account: () => call({ method: 'GET', path: '/v1/account' }),
    renameAccount: (name) => call({ method: 'PATCH', path: '/v1/account', body: { name } }),
    changeAvatar: (avatar) => call({ method: 'PATCH', path: '/v1/account', body: { avatar } }),
    deleteAccount: () => call({ method: 'DELETE', path: '/v1/account' }),
    exportAccount: () => call({ method: 'GET', path: '/v1/account/export', file: true }),
  }
}

function pathOf(device: string): string {
  return `/v1/devices/${encodeURIComponent(device)}`
}
