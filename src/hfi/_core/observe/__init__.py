"""What is told about calls: lines of a log, attributes of spans, what hooks see."""
