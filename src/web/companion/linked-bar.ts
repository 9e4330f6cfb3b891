/** "New device linked", above the chats of a linked browser: until the person says that they have seen it. */
import { html, type TemplateResult } from 'lit'
import type { DeviceCard } from '../../protocol/model.ts'
import { formatMoment } from '../shared/format.ts'
import { icon } from '../shared/icon.ts'
import { text } from '../shared/text.ts'

/** A linked browser cannot unlink another (contract, section 2): it says where that is done. */
export function linkedBar({ name, linkedAt }: DeviceCard, now: number, dismiss: () => void): TemplateResult {
  const [before, after] = text('app.linked.body', { name: '\u0000', time: formatMoment(linkedAt, now) }).split('\u0000')
  return html`<aside class="linked-bar" aria-label=${text('app.linked.title')}>
    <div>
      ${icon('shield-alert')}
      <div class="words">
        <p class="title">${text('app.linked.title')}</p>
        <p class="caption">${before}<bdi>${name}</bdi>${after}</p>
        <p class="caption">${text('app.linked.phone')}</p>
      </div>
      <button class="button outline" type="button" @click=${dismiss}>${text('app.linked.action')}</button>
    </div>
  </aside>`
}
