/** The words that every page has, in Arabic. */
import type { Words } from '../../shared/text.ts'
import type { common as english } from '../en/common.ts'

export const common: Readonly<Record<keyof typeof english, Words>> = {
  'app.name': 'Tandem',
  'settings.title': 'الإعدادات',
  'settings.close': 'إغلاق',
  'settings.theme': 'المظهر',
  'settings.theme.system': 'النظام',
  'settings.theme.light': 'فاتح',
  'settings.theme.dark': 'داكن',
  'settings.language': 'اللغة',
  'settings.sound': 'صوت للرسائل الجديدة',
  'settings.notify': 'إشعارات على هذا الكمبيوتر',
  'settings.notify.phone': 'إشعارات على هذا الهاتف',
  'settings.notify.refused': 'الإشعارات معطّلة لهذا الموقع. اسمح بها في إعدادات متصفحك.',
  'settings.notify.hidden': 'رسالة جديدة',
  'settings.hide': 'إخفاء نص الرسالة',
  'settings.signout': 'تسجيل الخروج',
}
