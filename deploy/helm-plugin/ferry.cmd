@echo off
rem Hands over to chartferry.
if "%CHARTFERRY_BIN%"=="" set CHARTFERRY_BIN=chartferry
"%CHARTFERRY_BIN%" %*
