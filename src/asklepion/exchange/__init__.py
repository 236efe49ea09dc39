"""Translation: values to and from other formats. Pure: text in, text out."""
