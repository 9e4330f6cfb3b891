/** The account's stream on this phone: its connection, and what it tells the page beside the chats. */
import type { ConnectionState } from '../../client/connection.ts'
import type { PhoneApi } from '../../client/phone-api.ts'
import type { PhoneSession } from '../../client/phone-session.ts'
import { createPhoneStream } from '../../client/phone-stream.ts'
import type { StreamClient } from '../../client/stream-client.ts'
import type { StreamFrame } from '../../protocol/frames.ts'
import type { DeviceCard } from '../../protocol/model.ts'

export interface AccountStream {
  readonly client: StreamClient
  readonly connection: ConnectionState
  /** Grows with every device that is linked, unlinked or renamed: lists of them are read again. */
  readonly deviceChanges: number
}

export interface AccountStreamOptions {
  session: PhoneSession
  api: PhoneApi
  /** `connection` or `deviceChanges` is another one. */
  onChange: () => void
  onDevice: (device: DeviceCard, linked: boolean) => void
}

/** Creates the stream, closed: `client.connect` opens it. */
export function createAccountStream({ session, api, onChange, onDevice }: AccountStreamOptions): AccountStream {
  let connection: ConnectionState = { name: 'closed' }
  let deviceChanges = 0

  const client = createPhoneStream({
    origin: location.origin,
    session,
    api,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    now: () => Date.now(),
    onFrame: take,
    onConnection(state) {
      connection = state
      onChange()
    },
  })

  function take(frame: StreamFrame): void {
    if (frame.type === 'snapshot') void session.keepAccount(frame.account)
    if (frame.type !== 'event') return
    const { event } = frame
    if (event.kind === 'profile') void session.keepAccount(event.account)
    if (event.kind !== 'device') return
    deviceChanges++
    onChange()
    onDevice(event.device, event.linked)
  }

  return {
    client,
    get connection() {
      return connection
    },
    get deviceChanges() {
      return deviceChanges
    },
  }
}
