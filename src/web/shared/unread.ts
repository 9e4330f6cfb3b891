/** How much is unread, where the page is seen while another is looked at: in its tab's title. */
import { formatUnread } from './format.ts'
import { text } from './text.ts'

export function showUnread(unread: number): void {
  document.title = unread > 0 ? `(${formatUnread(unread)}) ${text('app.name')}` : text('app.name')
}
