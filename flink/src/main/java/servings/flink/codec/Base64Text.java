package servings.flink.codec;

import java.util.Base64;

/** Base64 with or without padding, also in the alphabet for addresses, as the embedded engine takes it. */
final class Base64Text {
  private Base64Text() {}

  static byte[] decode(byte[] text, String where) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException notStandard) {
      return decodeLoosely(text, where);
    }
  }

  private static byte[] decodeLoosely(byte[] text, String where) {
    int end = text.length;
    if (end > 0 && text[end - 1] == '=') end--;
    if (end > 0 && text[end - 1] == '=') end--;
    byte[] standard = new byte[end];
    for (int i = 0; i < end; i++) standard[i] = text[i] == '-' ? (byte) '+' : text[i] == '_' ? (byte) '/' : text[i];
    try {
      return Base64.getDecoder().decode(standard);
    } catch (IllegalArgumentException error) {
      throw RecordException.undecodable(where, "is not base64");
    }
  }
}
