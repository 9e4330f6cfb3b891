/** Which new device the person is still to be told of. One at a time, the newest: the list holds them all. */
import type { PhoneApi } from '../../client/phone-api.ts'
import type { DeviceCard } from '../../protocol/model.ts'
import { text } from '../shared/text.ts'
import type { LinkedNotice } from './linked-notice.ts'
import { sayBrowser, sayCity, sayErrorLine } from './words.ts'

export interface DeviceNotices {
  readonly notice: LinkedNotice | null
  /** A device was linked or unlinked, says the stream. `known`: the person did it here and sees it. */
  changed: (device: DeviceCard, linked: boolean, known: boolean) => void
  /** The person has seen it; with an id, only if it is about that device. */
  dismiss: (device?: string) => void
  /** "Not you? Unlink it". */
  unlink: () => Promise<void>
}

/** @param onChange called whenever `notice` is another one */
export function createDeviceNotices(api: Pick<PhoneApi, 'devices' | 'unlink'>, onChange: () => void): DeviceNotices {
  let notice: LinkedNotice | null = null

  function show(next: LinkedNotice | null): void {
    notice = next
    onChange()
  }

  function dismiss(device?: string): void {
    if (notice !== null && (device === undefined || notice.id === device)) show(null)
  }

  /** The event names the device only; what it is and where comes from the list. */
  async function describe(id: string): Promise<void> {
    const answer = await api.devices()
    const device = answer.ok ? answer.value.find((other) => other.id === id) : undefined
    if (device === undefined || notice?.id !== id) return
    const place = device.place ? sayCity(device.place) : ''
    const browser = sayBrowser(device)
    show({ ...notice, isName: false, words: place === '' ? browser : text('phone.notice.where', { browser, place }) })
  }

  return {
    get notice() {
      return notice
    },
    changed({ id, name, linkedAt }, linked, known) {
      if (!linked) return dismiss(id)
      if (known) return
      show({ id, words: name, isName: true, linkedAt, failure: '' })
      void describe(id)
    },
    dismiss,
    async unlink() {
      if (notice === null) return
      const { id } = notice
      const answer = await api.unlink(id)
      if (answer.ok || answer.code === 'not_found') dismiss(id)
      else if (notice?.id === id) show({ ...notice, failure: sayErrorLine(answer.code, answer.retryAfter) })
    },
  }
}
