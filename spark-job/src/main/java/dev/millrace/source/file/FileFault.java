package dev.millrace.source.file;

import java.io.IOException;

/** Why a file is rejected, as a sentence about the file. */
public final class FileFault extends IOException {

  private static final long serialVersionUID = 1L;

  FileFault(String reason) {
    super(reason);
  }

  FileFault(String reason, Throwable cause) {
    super(reason, cause);
  }
}
